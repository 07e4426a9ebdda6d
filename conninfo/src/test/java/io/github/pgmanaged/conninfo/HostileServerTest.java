package io.github.pgmanaged.conninfo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.conninfo.internal.tls.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever answers before authentication may be anybody: the limits are libpq's, and so are the words. */
@Timeout(120)
class HostileServerTest {
    private static final int MUCH = 400_000_000;
    private static final byte[] NOTHING = {};

    static Arguments[] startsThatLibpqRefuses() {
        byte[] authenticated = TalkingServer.message('R', new byte[4]);
        return new Arguments[] {
            Arguments.of("a long authentication request", TalkingServer.message('R', new byte[8], MUCH)),
            Arguments.of("a short authentication request", TalkingServer.message('R', new byte[2])),
            Arguments.of("one a little too long", TalkingServer.message('R', new byte[1997])),
            Arguments.of("a long negotiation", TalkingServer.message('v', new byte[8], MUCH)),
            Arguments.of("a message of another kind", TalkingServer.message('X', new byte[8])),
            Arguments.of("a web server", "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8)),
            Arguments.of("an old error", "EFATAL:  sorry, too many clients already\n\0".getBytes(UTF_8)),
            Arguments.of("a long parameter", both(authenticated, TalkingServer.message('S', new byte[8], MUCH))),
            Arguments.of("a long key", both(authenticated, TalkingServer.message('K', new byte[8], 30_000))),
            Arguments.of("no length", both(authenticated, TalkingServer.message('S', NOTHING, -4))),
            Arguments.of("a request for a password", TalkingServer.message('R', new byte[] {0, 0, 0, 3})),
            Arguments.of("one for an md5", TalkingServer.message('R', new byte[] {0, 0, 0, 5, 1, 2, 3, 4})),
            Arguments.of("one for SCRAM", TalkingServer.message('R', "\0\0\0\12SCRAM-SHA-256\0\0".getBytes(UTF_8)))
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("startsThatLibpqRefuses")
    void what_libpq_refuses_is_refused_in_its_words(String what, byte[] said) throws IOException {
        try (TalkingServer server = new TalkingServer((in, out) -> {
            TalkingServer.startup(in, out);
            out.write(said);
            in.read();
        })) {
            assertSameRefusal(server, "sslmode=disable");
        }
    }

    static Arguments[] answersThatLibpqRefuses() {
        return new Arguments[] {
            Arguments.of("an error", TalkingServer.error("57000", "I cannot fork")),
            Arguments.of("an error and a text", "EFATAL: no\0".getBytes(UTF_8)),
            Arguments.of("no answer that there is", "X".getBytes(UTF_8))
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answersThatLibpqRefuses")
    void an_answer_to_the_question_for_tls_is_one_byte(String what, byte[] said) throws IOException {
        for (String mode : new String[] {"prefer", "require"}) {
            try (TalkingServer server = new TalkingServer((in, out) -> {
                TalkingServer.packet(in);
                out.write(said);
                in.read();
            })) {
                assertSameRefusal(server, "sslmode=" + mode);
                assertThat(server.visits()).as("libpq's and ours").isEqualTo(2);
            }
        }
    }

    /** libpq finds them when TLS is agreed on, which this server does not get to. */
    @Test
    void bytes_between_the_answer_and_tls_are_somebody_elses() throws IOException {
        for (String mode : new String[] {"prefer", "require"}) {
            try (TalkingServer server = new TalkingServer((in, out) -> {
                TalkingServer.packet(in);
                out.write("Sinjected".getBytes(UTF_8));
                in.read();
            })) {
                assertThat(failure("sslmode=" + mode, server).getMessage())
                        .endsWith("received unencrypted data after SSL response");
                assertThat(server.visits()).as("no second one in clear").isEqualTo(1);
            }
        }
    }

    private static void assertSameRefusal(TalkingServer server, String parameters) {
        String conninfo = "host=127.0.0.1 user=me dbname=books connect_timeout=20 gssencmode=disable port="
                + server.port() + " " + parameters;
        String theirs = Libpq.connect(conninfo, Map.of("HOME", "/no/such/home"), "SELECT 1")
                .error();
        assertThat(theirs).isNotNull();
        String ours = failure(conninfo).getMessage();
        assertThat(ours.lines().findFirst()).isEqualTo(theirs.lines().findFirst());
    }

    @Test
    void an_error_that_announces_much_makes_no_room_for_it() throws IOException {
        try (TalkingServer server = new TalkingServer((in, out) -> {
            TalkingServer.startup(in, out);
            out.write(TalkingServer.message('E', "SFATAL\0".getBytes(UTF_8), MUCH));
            in.read();
        })) {
            assertThat(failure("sslmode=disable", server).getMessage()).endsWith("received invalid error message");
        }
    }

    @Test
    void nothing_that_comes_before_the_session_begins_is_long() throws IOException {
        try (TalkingServer server = new TalkingServer((in, out) -> {
            TalkingServer.startup(in, out);
            TalkingServer.begin(out);
            while (true) {
                out.write(TalkingServer.message('N', new byte[50_000]));
            }
        })) {
            assertThat(failure("sslmode=disable", server).getMessage()).contains("lost synchronization with server");
        }
        try (TalkingServer server = new TalkingServer((in, out) -> {
            TalkingServer.startup(in, out);
            TalkingServer.begin(out);
            out.write(TalkingServer.message('E', new byte[8], MUCH));
            in.read();
        })) {
            assertThat(failure("sslmode=disable", server).getMessage()).contains("lost synchronization with server");
        }
    }

    @Test
    void under_tls_it_is_the_same() throws Exception {
        AtomicInteger codes = new AtomicInteger();
        try (TalkingServer server = new TalkingServer(tls(), (in, out) -> {
            codes.set(TalkingServer.packet(in));
            out.write(TalkingServer.message('E', "SFATAL\0".getBytes(UTF_8), MUCH));
            in.read();
        })) {
            assertThat(failure("sslmode=require", server).getMessage()).endsWith("received invalid error message");
            assertThat(codes.get() >> 16).isEqualTo(3);
        }
    }

    /** pgjdbc's state for it is the one that it has for TLS that cannot be agreed on. */
    @Test
    void what_fails_once_tls_is_agreed_on_is_no_reason_for_plain_text() throws Exception {
        for (String parameter : new String[] {"client_encoding\0LATIN1\0", "DateStyle\0SQL, DMY\0"}) {
            try (TalkingServer server = new TalkingServer(tls(), (in, out) -> {
                if (TalkingServer.packet(in) >> 16 == 3) {
                    TalkingServer.begin(out);
                    out.write(TalkingServer.message('S', parameter.getBytes(UTF_8)));
                    out.write(TalkingServer.message('Z', new byte[] {'I'}));
                    in.read();
                }
            })) {
                assertThat(failure("sslmode=prefer password=hunter2", server).getMessage())
                        .contains(parameter.substring(0, parameter.indexOf(0)));
                assertThat(server.visitsInClear()).isZero();
            }
        }
    }

    @Test
    void what_a_server_says_cannot_steer_a_terminal() throws IOException {
        String text = "\33[2Jgone\7\r\u009b31m\b\177\u2026\u00e9\n\tnext";
        for (boolean begun : new boolean[] {false, true}) {
            try (TalkingServer server = new TalkingServer((in, out) -> {
                TalkingServer.startup(in, out);
                if (begun) {
                    TalkingServer.begin(out);
                }
                out.write(TalkingServer.error("28000", text));
                in.read();
            })) {
                SQLException failure = failure("sslmode=disable", server);
                for (Throwable e = failure; e != null; e = e.getCause()) {
                    assertThat(e.toString().chars().filter(c -> c != '\n' && c != '\t'))
                            .noneMatch(Character::isISOControl);
                }
                assertThat(failure.getMessage()).contains("?[2Jgone??", "\u2026\u00e9\n\tnext");
                assertThat(failure.getSQLState()).isEqualTo("28000");
            }
        }
    }

    private static SSLContext tls() throws Exception {
        return TestCertificates.selfSigned("localhost", "localhost").server();
    }

    private static SQLException failure(String parameters, TalkingServer server) {
        return failure("host=127.0.0.1 user=me connect_timeout=60 port=" + server.port() + " " + parameters);
    }

    private static SQLException failure(String conninfo) {
        return catchThrowableOfType(SQLException.class, Sources.of(conninfo)::getConnection);
    }

    private static byte[] both(byte[] first, byte[] second) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(first);
        bytes.writeBytes(second);
        return bytes.toByteArray();
    }
}
