package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has a URL of {@code LibpqDriver} in his configuration gives it to a manager as it is. */
class LibpqUrlTest {
    private static final String SECRET = "hunter2";

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void a_manager_a_builder_and_a_data_source_connect_to_where_it_leads() throws SQLException {
        String url = "jdbc:libpq:" + DB.conninfo();
        try (ManagedConnection of = ManagedConnection.of(url);
                ManagedConnection built =
                        ManagedConnection.builder(url).name("shop").build();
                ManagedDataSource source = ManagedConnection.dataSource(url);
                Connection connection = source.getConnection()) {
            assertThat(of).hasToString(ManagedConnection.of(DB.conninfo()).toString());
            assertThat(ManagedDatabase.pid(of)).isPositive();
            built.useTransaction(
                    lease -> assertThat(ManagedDatabase.query(lease, "SELECT current_setting('application_name')"))
                            .isEqualTo("shop"));
            assertThat(ManagedDatabase.query(connection, "SELECT current_database()"))
                    .isEqualTo(DB.query("SELECT current_database()"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "host=localhost dbname=a",
                "  host=localhost  ",
                "service=prod",
                "postgres://u:hunter2@h1,h2:5/a?target_session_attrs=primary",
                "dbname=jdbc:libpq:a",
            })
    void it_means_what_the_string_without_the_prefix_means(String conninfo) {
        ConnInfo plain = ConnInfo.parse(conninfo);
        ConnInfo url = ConnInfo.parse("jdbc:libpq:" + conninfo);
        assertThat(url.values()).isEqualTo(plain.values());
        assertThat(url.isJdbcUrl()).isFalse();
        assertThat(url).hasToString(plain.toString());
        assertThat(url.toString()).doesNotContain(SECRET);
    }

    static Stream<Function<String, Object>> whatTakesOne() {
        return Stream.of(
                ManagedConnection::of, ManagedConnection::builder, ManagedConnection::dataSource, LibpqDataSource::new);
    }

    /** In the words in which the driver refuses it; and the secret is in none. */
    @ParameterizedTest
    @MethodSource("whatTakesOne")
    void what_the_driver_refuses_is_refused_in_its_words(Function<String, Object> taking) {
        for (String bad : new String[] {
            "jdbc:libpq:jdbc:libpq:host=localhost password=" + SECRET,
            "jdbc:libpq: JDBC:Libpq:postgres://u:" + SECRET + "@localhost/a",
            "jdbc:libpq:jdbc:postgresql://localhost/a?user=u&password=" + SECRET,
            "jdbc:libpq:postgres://u:" + SECRET + "@localhost/a?prepareThreshold=3",
            "jdbc:libpq:postgres://u:" + SECRET + "@localhost/a?socketFactory=b",
            "jdbc:libpq:host=localhost prepareThreshold=3 password=" + SECRET,
            "jdbc:libpq:host=localhost?prepareThreshold=3&password=" + SECRET + " x",
            "jdbc:libpq: postgres://u:" + SECRET + "@localhost/a",
            "jdbc:libpq://u:" + SECRET + "@localhost/a",
            "jdbc:libpq:postgres://u:" + SECRET + "%zz@localhost/a",
        }) {
            Throwable refused = catchThrowable(() -> taking.apply(bad));
            assertThat(refused).as(bad).isInstanceOf(InvalidConnInfoException.class);
            assertThat(text(refused)).as(bad).doesNotContain(SECRET);
            assertThat(catchThrowable(() -> DriverManager.getConnection(bad)))
                    .as(bad)
                    .hasMessage(refused.getMessage());
        }
    }

    @Test
    void a_prefix_that_no_driver_takes_or_that_stands_there_twice_is_named_as_what_to_change() {
        for (String bad : new String[] {
            "JDBC:LIBPQ:postgres://u:" + SECRET + "@localhost/a",
            "jdbc:Libpq:host=localhost password=" + SECRET,
            " jdbc:libpq:host=localhost password=" + SECRET,
            "\n\tJdbc:libpq:" + SECRET,
        }) {
            Throwable refused = catchThrowable(() -> ManagedConnection.of(bad));
            assertThat(refused)
                    .isInstanceOf(InvalidConnInfoException.class)
                    .hasMessageContaining("jdbc:libpq: is the prefix of a URL only in lower case")
                    .hasMessageContaining("or remove it");
            assertThat(text(refused)).doesNotContain(SECRET);
        }
        assertThat(catchThrowable(() -> ManagedConnection.of("jdbc:libpq:jdbc:libpq:host=localhost")))
                .hasMessageContaining("jdbc:libpq: stands there twice; remove one");
    }

    private static String text(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
