package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Arrays;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@link LibpqDriver} for whoever knows a URL only. */
class DriverTest extends OnRealServer {
    private static Properties properties(String... namesAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            properties.setProperty(namesAndValues[i], namesAndValues[i + 1]);
        }
        return properties;
    }

    private static Connection open(String conninfo, String... namesAndValues) throws SQLException {
        return DriverManager.getConnection("jdbc:libpq:" + conninfo, properties(namesAndValues));
    }

    // --- being found --------------------------------------------------------------------------------------------

    @Test
    void a_url_is_enough() throws SQLException {
        for (String where : new String[] {
            server.tcp() + " user=postgres",
            server.socket() + " user=postgres",
            "postgres://postgres@127.0.0.1:" + server.port() + "/postgres"
        }) {
            try (Connection connection = DriverManager.getConnection("jdbc:libpq:" + where)) {
                assertThat(Ask.one(connection, "SELECT current_user")).isEqualTo("postgres");
            }
        }
    }

    @Test
    void a_user_and_a_password_beside_the_url_go_before_the_string() throws SQLException {
        server.run("CREATE ROLE alice LOGIN");
        try (Connection connection =
                DriverManager.getConnection("jdbc:libpq:" + server.tcp() + " user=bob", "alice", "secret")) {
            assertThat(Ask.one(connection, "SELECT current_user")).isEqualTo("alice");
        } finally {
            server.run("DROP ROLE alice");
        }
    }

    @Test
    void another_url_is_for_another_driver() throws SQLException {
        Driver driver = new LibpqDriver();
        assertThat(driver.acceptsURL("jdbc:postgresql://localhost/a")).isFalse();
        assertThat(driver.connect("jdbc:postgresql://localhost/a", new Properties()))
                .isNull();
        assertThat(driver.acceptsURL("jdbc:libpq:")).isTrue();
        assertThat(DriverManager.getDriver("jdbc:libpq:service=prod")).isInstanceOf(LibpqDriver.class);
    }

    // --- properties ---------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({
        "ApplicationName, books, application_name, books",
        "application_name, books, application_name, books",
        "options, -c work_mem=5MB, work_mem, 5MB",
        "PGDBNAME, template1, , template1",
        "dbname, template1, , template1",
        "currentSchema, pg_catalog, search_path, pg_catalog",
    })
    void a_property_of_libpqs_or_of_pgjdbcs_is_set(String name, String value, String setting, String expected)
            throws SQLException {
        try (Connection connection = open(server.tcp() + " user=postgres application_name=string", name, value)) {
            assertThat(Ask.one(
                            connection,
                            setting == null
                                    ? "SELECT current_database()"
                                    : "SELECT current_setting('" + setting + "')"))
                    .isEqualTo(expected);
        }
    }

    @Test
    void what_the_string_decides_can_be_given_by_pgjdbcs_names_alone() throws SQLException {
        try (Connection connection = open(
                "",
                "PGHOST",
                "127.0.0.1",
                "PGPORT",
                Integer.toString(server.port()),
                "PGDBNAME",
                "postgres",
                "user",
                "postgres",
                "targetServerType",
                "master",
                "tcpKeepAlive",
                "true",
                "loadBalanceHosts",
                "true",
                "sslmode",
                "prefer")) {
            assertThat(Ask.one(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void what_only_pgjdbc_knows_is_handed_on() throws SQLException {
        try (Connection connection = open(
                server.tcp() + " user=postgres",
                "prepareThreshold",
                "7",
                "defaultRowFetchSize",
                "9",
                "socketTimeout",
                "11")) {
            org.postgresql.PGConnection driver = connection.unwrap(org.postgresql.PGConnection.class);
            assertThat(driver.getPrepareThreshold()).isEqualTo(7);
            assertThat(driver.getDefaultFetchSize()).isEqualTo(9);
            assertThat(connection.getNetworkTimeout()).isEqualTo(11_000);
        }
        try (Connection connection = open(server.tcp() + " user=postgres")) {
            assertThat(connection.getNetworkTimeout()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socketFactory",
                "sslfactory",
                "ssl",
                "sslhostnameverifier",
                "localSocketAddress",
                "authenticationPluginClassName",
                "protocolVersion"
            })
    void what_would_go_round_libpqs_rules_is_refused(String name) {
        assertThatThrownBy(() -> open(server.tcp() + " user=postgres", name, "true"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("\"" + name + "\"")
                .hasMessageContaining("use the keyword")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("08001");
    }

    @Test
    void a_property_that_is_not_known_is_ignored_with_one_warning() throws SQLException {
        try (Connection connection = open(server.tcp() + " user=postgres", "tool.window", "7")) {
            assertThat(Ask.one(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "nonsense=1, , , invalid connection option \"nonsense\"",
        "port=x, , , invalid integer value \"x\" for connection option \"port\"",
        "'', sslmode, secure, invalid sslmode value: \"secure\"",
        "'', loginTimeout, soon, \"loginTimeout\"",
        "'', connectTimeout, soon, invalid integer value \"soon\" for connection option \"connect_timeout\"",
        "jdbc:postgresql://localhost/a, , , without the prefix",
    })
    void what_cannot_be_understood_is_named(String conninfo, String name, String value, String message) {
        String[] given = name == null ? new String[0] : new String[] {name, value};
        assertThatThrownBy(() -> open(conninfo, given))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(message)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("08001");
    }

    @Test
    void the_keywords_are_listed_with_their_values_and_without_secrets() throws SQLException {
        DriverPropertyInfo[] infos = new LibpqDriver()
                .getPropertyInfo(
                        "jdbc:libpq:postgres://bob:secret@db/books?sslmode=require",
                        properties("user", "alice", "sslpassword", "secret"));
        assertThat(infos).hasSize(Keyword.values().length);
        assertThat(infos).allSatisfy(info -> assertThat(info.value).isNotEqualTo("secret"));
        assertThat(value(infos, "user")).isEqualTo("alice");
        assertThat(value(infos, "host")).isEqualTo("db");
        assertThat(value(infos, "sslmode")).isEqualTo("require");
        assertThat(value(infos, "password")).isNull();
        assertThat(Arrays.stream(infos).filter(info -> info.name.equals("sslmode")))
                .singleElement()
                .satisfies(info -> assertThat(info.choices).contains("verify-full"));
    }

    private static String value(DriverPropertyInfo[] infos, String name) {
        return Arrays.stream(infos)
                .filter(info -> info.name.equals(name))
                .findFirst()
                .orElseThrow()
                .value;
    }

    // --- secrets ------------------------------------------------------------------------------------------------

    @Test
    void a_password_comes_back_neither_in_the_url_nor_in_an_error() throws SQLException {
        String secret = "hunter2";
        try (Connection connection =
                open("postgres://postgres:" + secret + "@127.0.0.1:" + server.port() + "/postgres")) {
            assertThat(connection.getMetaData().getURL()).doesNotContain(secret);
        }
        assertThatThrownBy(() -> open("host=127.0.0.1 port=1 user=a password=" + secret))
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(Leaks.in(e, secret)).isEmpty());
    }

    @Test
    void it_is_a_driver_like_any_other() throws SQLException {
        Driver driver = new LibpqDriver();
        assertThat(driver.jdbcCompliant()).isFalse();
        assertThat(driver.getMajorVersion()).isGreaterThanOrEqualTo(0);
        assertThat(driver.getMinorVersion()).isGreaterThanOrEqualTo(0);
        assertThatThrownBy(driver::getParentLogger).isInstanceOf(SQLFeatureNotSupportedException.class);
    }
}
