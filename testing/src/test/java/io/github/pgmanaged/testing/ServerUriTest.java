package io.github.pgmanaged.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class ServerUriTest {
    @Test
    void pgjdbc_is_told_all_of_the_uri() throws SQLException {
        PGSimpleDataSource source = ServerUri.parse(
                        "postgresql://me%40home:a%2Fb+%25:c@[::1]:5433/postgres?sslmode=require&options=-c%20a%3Db")
                .source();
        assertThat(source.getUser()).isEqualTo("me@home");
        assertThat(source.getPassword()).isEqualTo("a/b+%:c");
        assertThat(source.getServerNames()).containsExactly("[::1]");
        assertThat(source.getPortNumbers()).containsExactly(5433);
        assertThat(source.getDatabaseName()).isEqualTo("postgres");
        assertThat(source.getSslMode()).isEqualTo("require");
        assertThat(source.getOptions()).isEqualTo("-c a=b");
    }

    @Test
    void user_and_password_may_stand_among_the_parameters() throws SQLException {
        PGSimpleDataSource source = ServerUri.parse(
                        "postgres://localhost/postgres?user=me&password=a%2Fb&connect_timeout=5")
                .source();
        assertThat(source.getUser()).isEqualTo("me");
        assertThat(source.getPassword()).isEqualTo("a/b");
        assertThat(source.getServerNames()).containsExactly("localhost");
        assertThat(source.getPortNumbers()[0]).isIn(0, 5432);
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres://me:secret@localhost:5433", "postgresql://me:secret@localhost:5433/postgres"})
    void another_database_of_the_same_server(String uri) throws SQLException {
        ServerUri other = ServerUri.parse(uri + "?sslmode=require").withDatabase("test");
        assertThat(other.text()).isEqualTo("postgres://me:secret@localhost:5433/test?sslmode=require");
        assertThat(other.source().getDatabaseName()).isEqualTo("test");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"host=localhost password=secret", "jdbc:postgresql://localhost/a?password=secret", "secret"})
    void what_is_no_uri_is_refused_and_not_shown(String conninfo) {
        assertThatThrownBy(() -> ServerUri.parse(conninfo))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("postgres://")
                .hasMessageNotContaining("secret");
    }
}
