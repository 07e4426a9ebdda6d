package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the server, the string and the environment set in a session is the baseline of its leases. */
class PsqlsSessionTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static void hasItsSettings(ManagedConnection manager) throws SQLException {
        manager.useConnection(lease -> {
            assertThat(query(lease, "SHOW TimeZone")).isEqualTo("Pacific/Auckland");
            assertThat(query(lease, "SHOW DateStyle")).isEqualTo("ISO, DMY");
            assertThat(query(lease, "SELECT '04.03.2026'::date")).isEqualTo("2026-03-04");
            assertThat(query(lease, "SHOW geqo")).isEqualTo("off");
            assertThat(query(lease, "SHOW application_name")).isEqualTo("x");
        });
    }

    @ParameterizedTest
    @EnumSource
    void a_release_goes_back_to_it(SessionReset reset) throws SQLException {
        DB.update("ALTER DATABASE " + DB.query("SELECT current_database()") + " SET datestyle = 'SQL, DMY'");
        Environment environment = Environment.current().withVariables(Map.of("PGGEQO", "off"));
        String conninfo = DB.conninfo() + (DB.conninfo().contains("?") ? "&" : "?")
                + "options=-c%20TimeZone%3DPacific/Auckland%20-c%20application_name%3Dx";
        ManagedConnection manager =
                DB.closing(ManagedConnection.builder(new LibpqDataSource(ConnInfo.parse(conninfo), () -> environment))
                        .autoCommit(true)
                        .sessionReset(reset)
                        .build());
        hasItsSettings(manager);
        for (String change : new String[] {
            "RESET ALL",
            "DISCARD ALL",
            "SET timezone = 'UTC'; SET datestyle = MDY; SET geqo = on; SET application_name = 'y'; RESET ALL"
        }) {
            manager.useConnection(lease -> execute(lease, change));
            hasItsSettings(manager);
        }
        if (reset != SessionReset.JDBC_SETTINGS) {
            manager.useConnection(lease -> execute(lease, "SET timezone = 'UTC'; SET datestyle = MDY; SET geqo = on"));
            hasItsSettings(manager);
        }
        assertThat(manager.stats().opened()).isEqualTo(1);
    }
}
