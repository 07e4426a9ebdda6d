package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which bytes of a driver's go through, and which do not. */
class StartStreamTest {
    private static final byte[] SSL_REQUEST =
            ByteBuffer.allocate(8).putInt(8).putInt(80877103).array();
    private static final String DRIVERS = "user\0zoë\0database\0b\0client_encoding\0UTF8\0DateStyle\0ISO\0"
            + "TimeZone\0Asia/Kathmandu\0application_name\0\0options\0-c a=b\0\0";
    private static final String OURS =
            "user\0zoë\0database\0b\0client_encoding\0UTF8\0options\0-c a=b\0DateStyle\0ISO, DMY\0geqo\0off\0\0";

    private static byte[] start(String parameters) {
        byte[] bytes = parameters.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .putInt(8 + bytes.length)
                .putInt(3 << 16 | 2)
                .put(bytes)
                .array();
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] sent(byte[] bytes, int atOnce) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("pgmanaged.start.geqo", "off");
        properties.setProperty("pgmanaged.start.DateStyle", "ISO, DMY");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (StartStream stream = new StartStream(out, new StartPacket(properties))) {
            for (int i = 0; i < bytes.length; i += atOnce) {
                stream.write(bytes, i, Math.min(atOnce, bytes.length - i));
                stream.flush();
            }
        }
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 100, 10_000})
    void the_packet_that_begins_a_session_is_another_however_it_is_cut(int atOnce) throws IOException {
        byte[] later = "Q\0\0\0\rSELECT 1\0".getBytes(StandardCharsets.US_ASCII);
        assertThat(sent(joined(SSL_REQUEST, start(DRIVERS), later, later), atOnce))
                .isEqualTo(joined(SSL_REQUEST, start(OURS), later, later));
        assertThat(sent(start(DRIVERS), atOnce)).isEqualTo(start(OURS));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 100})
    void all_else_goes_through(int atOnce) throws IOException {
        byte[] cancel = ByteBuffer.allocate(16)
                .putInt(16)
                .putInt(80877102)
                .putInt(1)
                .putInt(2)
                .array();
        assertThat(sent(cancel, atOnce)).isEqualTo(cancel);
        byte[] tls = {0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3};
        assertThat(sent(joined(SSL_REQUEST, tls, start(DRIVERS)), atOnce))
                .isEqualTo(joined(SSL_REQUEST, tls, start(DRIVERS)));
        byte[] alert = {0x15, 3, 3, 0, 2, 2, 40};
        assertThat(sent(joined(SSL_REQUEST, alert), atOnce)).isEqualTo(joined(SSL_REQUEST, alert));
        byte[] gssToken = {0, 0, 0, 12, 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        assertThat(sent(gssToken, atOnce)).isEqualTo(gssToken);
    }
}
