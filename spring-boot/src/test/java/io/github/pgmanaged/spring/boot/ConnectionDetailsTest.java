package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.ConnInfo;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

/** A URL with the user and the password beside it, as the driver understands it. */
class ConnectionDetailsTest {
    @ParameterizedTest
    @ValueSource(strings = {"plain", "a b", "p&user=other", "100%", "%41", "a+b", "ü€😀", "?#=/@:", "'\"\\", ""})
    void the_driver_gets_user_and_password_as_they_are(String odd) {
        for (String url :
                new String[] {"jdbc:postgresql://h:5432/d", "jdbc:postgresql://h:5432/d?loggerLevel=OFF&user=u"}) {
            Properties understood = Driver.parseURL(
                    JdbcUrlDetails.complete(PgmanagedConnectionDetails.ofJdbcUrl(url, odd, odd)), new Properties());
            assertThat(understood).containsEntry("user", odd).containsEntry("password", odd);
            assertThat(understood).containsEntry("PGHOST", "h").containsEntry("PGDBNAME", "d");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", "a b", "p&user=other", "100%", "%41", "a+b", "ü€😀", "?#=/@:", "'\"\\", "' dbname=other"
            })
    void so_does_libpq_s_form_that_the_string_has(String odd) throws Exception {
        for (String conninfo : new String[] {
            "host=h dbname=d",
            "jdbc:libpq:host=h dbname=d",
            "postgres://h/d",
            "postgresql://h/d?connect_timeout=2",
            "jdbc:libpq:postgres://h/d?user=u"
        }) {
            ConnInfo understood =
                    ConnInfo.parse(JdbcUrlDetails.complete(PgmanagedConnectionDetails.ofJdbcUrl(conninfo, odd, odd)));
            assertThat(understood.values().get("user")).isEqualTo(odd);
            assertThat(understood.values().get("password")).isEqualTo(odd);
            assertThat(understood.values().get("host")).isEqualTo("h");
            assertThat(understood.values().get("dbname")).isEqualTo("d");
        }
    }

    @Test
    void without_them_the_string_is_as_it_was() {
        assertThat(JdbcUrlDetails.complete(() -> "postgres://h/d")).isEqualTo("postgres://h/d");
    }

    @Test
    void their_text_is_silent() {
        assertThat(PgmanagedConnectionDetails.ofJdbcUrl("jdbc:postgresql://h/d?password=s3cret", "u", "s3cret")
                        .toString())
                .doesNotContain("s3cret");
    }
}
