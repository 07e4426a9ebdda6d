package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class ConnInfoTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "postgres://                                  | -    | -    | -      | -    | -",
                "postgres:///postgres                         | -    | -    | -      | -    | postgres",
                "postgresql://localhost/a                     | -    | -    | localhost | - | a",
                "postgres://me@h                              | me   | -    | h      | -    | -",
                "postgres://me:pw@h:5433/a                    | me   | pw   | h      | 5433 | a",
                "postgres://m%65:p%40w@h/a%20b                | me   | p@w  | h      | -    | a b",
                "postgres://[::1]:5433/a                      | -    | -    | ::1    | 5433 | a",
                "postgres://[::1]                             | -    | -    | ::1    | -    | -",
                "postgres://h?user=me&password=p+w&port=1     | me   | p+w  | h      | 1    | -",
                "postgres://other@h/a?user=me&dbname=b        | me   | -    | h      | -    | b",
            })
    void a_uri_is_read_as_libpq_does(
            String uri, String user, String password, String host, String port, String dbname) {
        Map<String, String> values = ConnInfo.parse(uri).values();
        assertThat(values.get("user")).isEqualTo(user);
        assertThat(values.get("password")).isEqualTo(password);
        assertThat(values.get("host")).isEqualTo(host);
        assertThat(values.get("port")).isEqualTo(port);
        assertThat(values.get("dbname")).isEqualTo(dbname);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres:///postgres                             | postgres:///postgres",
                "postgresql://me:pw@h:5433/a                      | postgres://me@h:5433/a",
                "postgres://[::1]/a?password=pw&sslmode=require   | postgres://[::1]/a?sslmode=require",
                "postgres://h?sslpassword=pw&connect_timeout=3    | postgres://h/?connect_timeout=3",
                "jdbc:postgresql://h:1/a                          | jdbc:postgresql://h:1/a",
                "jdbc:postgresql://h/a?user=me&password=pw        | jdbc:postgresql://h/a?...",
                "jdbc:postgresql:a                                | jdbc:postgresql:a",
            })
    void its_text_shows_no_secret(String conninfo, String text) {
        assertThat(ConnInfo.parse(conninfo)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host=localhost",
                "http://h/a",
                "postgres:/h/a",
                "postgres://h/a?nonsense=1",
                "postgres://h/a?user",
                "postgres://h/a?user=a=b",
                "postgres://h/%zz",
                "postgres://h/%2",
                "postgres://h/%00",
                "postgres://h:port/a",
                "postgres://h:0/a",
                "postgres://h:65536/a",
                "postgres://[::1/a",
                "postgres://[::1]x/a",
                "postgres://h1,h2/a",
                "postgres:///a?host=/tmp",
                "postgres://h/a?connect_timeout=soon",
                "jdbc:postgresql://h:port/a",
            })
    void a_bad_string_is_refused(String bad) {
        assertThatExceptionOfType(InvalidConnInfoException.class).isThrownBy(() -> ConnInfo.parse(bad));
    }

    @Test
    void values_cannot_be_changed() {
        assertThat(ConnInfo.parse("postgres://h/a").values()).isUnmodifiable();
        assertThat(ConnInfo.parse("jdbc:postgresql://h/a").values()).isEmpty();
    }

    @Test
    void a_uri_becomes_pgjdbcs_properties() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        Map<String, String> values = ConnInfo.parse(
                        "postgres://me:pw@h:5433/a?application_name=app&connect_timeout=7&sslmode=require&options=-c%20a")
                .values();
        PgjdbcProperties.apply(values, Map.of("PGHOST", "ignored"), source);
        assertThat(source.getServerNames()).containsExactly("h");
        assertThat(source.getPortNumbers()).containsExactly(5433);
        assertThat(source.getDatabaseName()).isEqualTo("a");
        assertThat(source.getUser()).isEqualTo("me");
        assertThat(source.getPassword()).isEqualTo("pw");
        assertThat(source.getApplicationName()).isEqualTo("app");
        assertThat(source.getSslMode()).isEqualTo("require");
        assertThat(source.getOptions()).isEqualTo("-c a");
        assertThat(source.getConnectTimeout()).isEqualTo(7);
        assertThat(source.getLoginTimeout()).isEqualTo(7);
    }

    @Test
    void what_the_uri_leaves_open_comes_from_the_environment_and_then_from_the_defaults() {
        Map<String, String> none = ConnInfo.parse("postgres://").values();
        PGSimpleDataSource source = new PGSimpleDataSource();
        PgjdbcProperties.apply(
                none,
                Map.of("PGHOST", "h", "PGPORT", "1", "PGUSER", "me", "PGPASSWORD", "pw", "PGDATABASE", "a"),
                source);
        assertThat(source.getServerNames()).containsExactly("h");
        assertThat(source.getPortNumbers()).containsExactly(1);
        assertThat(source.getUser()).isEqualTo("me");
        assertThat(source.getPassword()).isEqualTo("pw");
        assertThat(source.getDatabaseName()).isEqualTo("a");

        PGSimpleDataSource plain = new PGSimpleDataSource();
        PgjdbcProperties.apply(none, Map.of("PGUSER", "me"), plain);
        assertThat(plain.getServerNames()).containsExactly("localhost");
        assertThat(plain.getPortNumbers()).containsExactly(5432);
        assertThat(plain.getDatabaseName()).as("the user's own").isEqualTo("me");
    }
}
