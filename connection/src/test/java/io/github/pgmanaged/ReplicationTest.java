package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions for replication. */
class ReplicationTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static String with(String setting) {
        return DB.conninfo() + (DB.conninfo().contains("?") ? "&" : "?") + setting;
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "on", "yes", "1", "TRUE", "t"})
    void no_manager_is_built_for_a_session_that_knows_no_sql(String value) {
        String conninfo = with("replication=" + value);
        assertThatExceptionOfType(InvalidConnInfoException.class)
                .isThrownBy(() -> ManagedConnection.of(conninfo))
                .withMessageStartingWith("replication=true: such a session streams the server's log and knows no SQL");
        assertThatExceptionOfType(InvalidConnInfoException.class)
                .isThrownBy(() ->
                        ManagedConnection.builder(new LibpqDataSource(conninfo)).build());
    }

    @Test
    void nor_for_a_url_of_pgjdbcs() {
        assertThatExceptionOfType(InvalidConnInfoException.class)
                .isThrownBy(() -> ManagedConnection.of("jdbc:postgresql://localhost/postgres?replication=true"));
    }

    @Test
    void the_data_source_serves_it() throws SQLException {
        try (Connection connection = new LibpqDataSource(with("replication=true")).getConnection();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("IDENTIFY_SYSTEM")) {
            assertThat(row.next()).isTrue();
        }
    }

    @Test
    void one_that_a_service_file_asks_for_is_refused_when_it_opens(@TempDir Path directory) throws Exception {
        String name = "replication-" + UUID.randomUUID();
        Path services = Files.writeString(
                directory.resolve("services"), "[log]\nreplication=true\napplication_name=" + name + "\n");
        Environment environment = Environment.current().withVariables(Map.of("PGSERVICEFILE", services.toString()));
        ManagedConnection manager = DB.closing(
                ManagedConnection.builder(new LibpqDataSource(ConnInfo.parse(with("service=log")), () -> environment))
                        .build());
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(manager::acquire)
                .withMessageContaining("gave a session that streams the server's log (replication=true)");
        Awaitility.await()
                .untilAsserted(() -> assertThat(DB.query(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + name + "'"))
                        .isEqualTo("0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "false", "off", "0"})
    void a_manager_serves_every_session_that_knows_sql(String value) throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(with("replication=" + value))
                .autoCommit(true)
                .build());
        manager.useTransaction(lease -> ManagedDatabase.insert(lease, "a"));
        manager.useConnection(lease -> ManagedDatabase.execute(lease, "SET search_path = pg_catalog"));
        assertThat(DB.rows()).isEqualTo(1);
    }
}
