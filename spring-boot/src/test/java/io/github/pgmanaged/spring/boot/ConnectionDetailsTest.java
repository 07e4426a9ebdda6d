package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

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
