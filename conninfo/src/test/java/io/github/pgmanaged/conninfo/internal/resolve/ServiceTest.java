package io.github.pgmanaged.conninfo.internal.resolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.conninfo.Ask;
import io.github.pgmanaged.conninfo.Directories;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.RealServer;
import io.github.pgmanaged.conninfo.Sources;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Service files lead to real servers. */
@Timeout(120)
class ServiceTest {
    private static final String WHO = "SELECT current_user || ' ' || current_setting('application_name')";

    private static RealServer server;

    @TempDir
    private Path home;

    @BeforeAll
    static void start() throws IOException, SQLException {
        server = RealServer.start();
        server.run("CREATE ROLE alice LOGIN", "CREATE ROLE bob LOGIN");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void a_service_leads_to_its_server() throws SQLException {
        serviceFile("[other]", "host=name.invalid", "[prod]", "user=alice", "application_name=from the file");
        assertThat(Ask.one(Sources.of("service=prod", home, Map.of()), WHO)).isEqualTo("alice from the file");
        assertThat(Ask.one(Sources.of("postgres://?service=prod", home, Map.of()), WHO))
                .isEqualTo("alice from the file");
        assertThat(Ask.one(Sources.of("", home, Map.of("PGSERVICE", "prod", "PGUSER", "bob")), WHO))
                .isEqualTo("alice from the file");
    }

    @Test
    void the_string_goes_before_the_service() throws SQLException {
        serviceFile("[prod]", "user=alice", "application_name=from the file");
        assertThat(Ask.one(Sources.of("service=prod user=bob", home, Map.of()), WHO))
                .isEqualTo("bob from the file");
    }

    @Test
    void a_changed_service_file_counts_at_the_next_opening() throws SQLException {
        serviceFile("[prod]", "user=alice", "application_name=before");
        LibpqDataSource source = Sources.of("service=prod", home, Map.of());
        assertThat(Ask.one(source, WHO)).isEqualTo("alice before");
        serviceFile("[prod]", "user=bob", "application_name=after");
        assertThat(Ask.one(source, WHO)).isEqualTo("bob after");
        serviceFile("[renamed]", "user=bob");
        assertThatThrownBy(source::getConnection).hasMessage("definition of service \"prod\" not found");
    }

    @Test
    void a_service_that_is_not_found_is_told_in_libpqs_words() {
        serviceFile("[other]", "user=alice");
        SQLException failure =
                catchThrowableOfType(SQLException.class, Sources.of("service=prod", home, Map.of())::getConnection);
        assertThat(failure.getMessage()).isEqualTo("definition of service \"prod\" not found");
        assertThat(failure.getSQLState()).isEqualTo("08001");
        Path missing = home.resolve("missing");
        SQLException noFile = catchThrowableOfType(
                SQLException.class,
                Sources.of("service=prod", home, Map.of("PGSERVICEFILE", missing.toString()))::getConnection);
        assertThat(noFile.getMessage()).isEqualTo("service file \"" + missing + "\" not found");
        assertThat(noFile.getSQLState()).isEqualTo("08001");
    }

    /** The last section gets the server's address. */
    private void serviceFile(String... lines) {
        List<String> all = new ArrayList<>(List.of(lines));
        all.add("host=127.0.0.1");
        all.add("port=" + server.port());
        all.add("dbname=postgres");
        Directories.write(home.resolve(".pg_service.conf"), all);
    }
}
