package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A NUL character in a value would make further parameters of what follows it: the superuser's name, say. */
class NulTest extends OnRealServer {
    private static final String INJECTED = "nobody\0user\0postgres\0";

    private static void assertRefused(ThrowingCallable opening) {
        assertThatThrownBy(opening)
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("NUL")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("08001");
    }

    @Test
    void the_user_and_the_password_of_a_call_are_looked_at() {
        LibpqDataSource source = Sources.of(server.tcp());
        assertRefused(() -> source.getConnection(INJECTED, ""));
        assertRefused(() -> source.getConnection("postgres", "a\0b"));
        LibpqDataSource url = new LibpqDataSource("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres");
        assertRefused(() -> url.getConnection(INJECTED, ""));
    }

    @Test
    void the_parameters_of_a_url_of_pgjdbcs_are_looked_at() {
        assertRefused(() -> new LibpqDataSource(
                        "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=nobody%00user%00postgres%00")
                .getConnection());
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "dbname", "application_name", "options", "currentSchema", "password"})
    void a_property_of_the_driver_is_looked_at(String name) {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty(name, INJECTED);
        assertRefused(() -> DriverManager.getConnection("jdbc:libpq:" + server.tcp(), properties));
    }

    @Test
    void a_password_file_and_variables_are_looked_at(@TempDir Path directory) {
        Path file = Directories.writeSecret(directory.resolve("passwords"), "*:*:*:*:a\0b");
        assertRefused(Sources.of(server.tcp() + " user=postgres passfile=" + file)::getConnection);
        for (String variable : List.of("PGUSER", "PGAPPNAME", "PGOPTIONS", "PGPASSWORD")) {
            Map<String, String> variables = new HashMap<>(Map.of("PGUSER", "postgres"));
            variables.put(variable, INJECTED);
            assertRefused(Sources.of(server.tcp(), directory, variables)::getConnection);
        }
    }

    @Test
    void a_service_file_is_looked_at(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("services");
        Files.writeString(file, "[prod]\napplication_name=a\0user\0postgres\n");
        LibpqDataSource source = Sources.of(server.tcp() + " user=postgres servicefile=" + file + " service=prod");
        assertThatThrownBy(source::getConnection).isInstanceOf(SQLException.class);
    }
}
