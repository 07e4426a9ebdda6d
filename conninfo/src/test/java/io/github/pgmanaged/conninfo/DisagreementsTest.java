package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list of disagreements lets through what it means to, and nothing near it. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class DisagreementsTest {
    private static final String UNEXPECTED =
            "unexpected character \"%s\" at position %d in URI (expected \":\" or \"/\"): \"%s\"";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // string | our message | may it be?
                "p w  | missing \"=\" after \"***\" in connection info string | true",
                "p w  | missing \"=\" after \"p***\" in connection info string | true",
                "p w  | missing \"=\" after \"x***\" in connection info string | false",
                "p w  | missing \"=\" after \"***\" | false",
                "p w  | missing \"=\" after \"\" in connection info string | false",
                "p w  | invalid connection option \"***\" | false",
                "postgres://u:p@[::1 | end of string reached when looking for matching \"]\" in IPv6 host address in URI:"
                        + " \"postgres://***@[::1\" | true",
                "postgres://u:p@[::1 | end of string reached when looking for matching \"]\" in IPv6 host address in URI:"
                        + " \"postgres://***@[::2\" | false",
                "host=%ff x= | not UTF-8 | false",
                "postgres://%ff | not UTF-8 | true",
                "postgres://%fg | not UTF-8 | false",
                "postgres://%C3%BC?x=1 | not UTF-8 | false",
                "jdbc:postgresql://h | anything | true",
                "servicefile=/x | invalid connection option \"servicefile\" | true",
                "servicefile=/x y=1 | invalid connection option \"y\" | true",
                "servicefile=/x y=1 | invalid connection option \"z\" | false",
                "sslkeylogfile=1 sslcrldir=2 gsslib=3 krbsrvname=4 oauth_scope=5 servicefile=/x y=1"
                        + " | invalid connection option \"y\" | true",
            })
    void a_refusal(String conninfo, String ours, boolean allowed) {
        assertThat(agree(conninfo, Parsed.refused(ours))).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "postgres://[::1]ü,      ü, 17, true",
        "postgres://[::1]ü,      u, 17, false",
        "postgres://[::1]ü,      ü, 18, false",
        "postgres://ü@[::1]ü,    ü, 20, true",
        "postgres://ü@[::1]ü,    ü, 19, true",
        "postgres://ü@[::1]x,    x, 19, true",
        "postgres://ü@[::1]x,    x, 20, true",
        "postgres://ü@[::1]x,    x, 21, false",
        "postgres://[::1]💡,     💡, 17, true",
    })
    void a_character(String conninfo, String character, int position, boolean allowed) {
        assertThat(agree(conninfo, Parsed.refused(UNEXPECTED.formatted(character, position, conninfo))))
                .isEqualTo(allowed);
        assertThat(agree(conninfo, Parsed.refused(UNEXPECTED.formatted(character, position, "***"))))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "servicefile=/x, servicefile, /x, true",
        "servicefile=/x, servicefile, /y, false",
        "postgres://?oauth_ca_file=%2Fx, oauth_ca_file, /x, true",
        "postgres://?oauth_ca_file=%2Fx, servicefile, /x, false",
        "host=h, host, i, false",
        "nonsense=1, nonsense, 1, false",
    })
    void an_acceptance(String conninfo, String keyword, String value, boolean allowed) {
        assertThat(agree(conninfo, Parsed.of(Map.of(keyword, value)))).isEqualTo(allowed);
    }

    private static boolean agree(String conninfo, Parsed ours) {
        Parsed libpq = Libpq.parse(conninfo);
        return libpq.equals(ours) || Disagreements.reason(conninfo, libpq, ours).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "host=127.0.0.1,/no/such port=1,0 | invalid port number: \"0\" | true",
                "host=/no/such port=x             | invalid integer value \"x\" for connection option \"port\" | true",
                "host=/no/such port=1             | invalid port number: \"1\" | false",
                "host=/no/such port=0             | invalid port number: \"1\" | false",
                "host=/no/such port=0 sslmode=x   | invalid port number: \"0\" | false",
            })
    void a_port(String conninfo, String ours, boolean allowed) {
        Parsed refused = Parsed.refused(ours);
        Libpq.Resolved libpq = Libpq.resolve(conninfo, Map.of("HOME", "/no/such"));
        assertThat(Disagreements.whenConnecting(libpq, refused).equals(refused)).isEqualTo(allowed);
    }
}
