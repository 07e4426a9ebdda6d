package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgmanaged.conninfo.TalkingServer;
import io.github.pgmanaged.conninfo.internal.tls.TestCertificates;
import io.github.pgmanaged.conninfo.internal.tls.TlsSocketFactory;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The sockets that {@link LibpqSocketFactory} dials. */
@DisabledOnOs(OS.WINDOWS)
class LibpqSocketFactoryTest {
    @Test
    void keepalives_that_are_set_are_set_on_the_socket() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Properties properties = to(server);
            properties.setProperty(LibpqSocketFactory.KEEPALIVES_IDLE, "11");
            properties.setProperty(LibpqSocketFactory.KEEPALIVES_INTERVAL, "12");
            properties.setProperty(LibpqSocketFactory.KEEPALIVES_COUNT, "13");
            try (Socket socket = new LibpqSocketFactory(properties).createSocket()) {
                assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(11);
                assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL))
                        .isEqualTo(12);
                assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT))
                        .isEqualTo(13);
            }
        }
    }

    @Test
    void keepalives_that_are_not_set_are_the_systems() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Socket plain = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket socket = new LibpqSocketFactory(to(server)).createSocket()) {
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE))
                    .isEqualTo(plain.getOption(ExtendedSocketOptions.TCP_KEEPIDLE));
            assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT))
                    .isEqualTo(plain.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT));
        }
    }

    /** A server that takes no connection any more lets the dialling hang, for minutes if nothing bounds it. */
    @Test
    @EnabledOnOs(OS.LINUX)
    @Timeout(60)
    void a_cancel_request_does_not_hang_when_the_server_takes_no_connection_any_more() throws IOException {
        List<Socket> fillers = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Properties properties = to(server);
            properties.setProperty("cancelSignalTimeout", "1");
            LibpqSocketFactory factory = new LibpqSocketFactory(properties);
            try (Socket session = factory.createSocket()) {
                assertThat(session.isConnected()).isTrue();
                fill(server, fillers);
                assertThatExceptionOfType(LibpqSocketFactory.UnreachableException.class)
                        .isThrownBy(factory::createSocket)
                        .withMessageContaining("timed out");
            }
        } finally {
            for (Socket filler : fillers) {
                filler.close();
            }
        }
    }

    /** Its session may have been closed meanwhile: that does not make its key public. */
    @Test
    @Timeout(60)
    void a_socket_after_a_session_under_tls_is_encrypted_too() throws Exception {
        ByteArrayOutputStream beginning = new ByteArrayOutputStream();
        TalkingServer.begin(new DataOutputStream(beginning));
        beginning.writeBytes(TalkingServer.message('Z', new byte[] {'I'}));
        try (TalkingServer server =
                new TalkingServer(TestCertificates.selfSigned("me").server(), (in, out) -> {
                    TalkingServer.packet(in);
                    beginning.writeTo(out);
                    in.read();
                })) {
            Properties properties = to(server.port());
            LibpqSocketFactory factory = new LibpqSocketFactory(properties);
            try (Socket raw = factory.createSocket()) {
                raw.getOutputStream().write(StartGuard.TLS_REQUEST);
                assertThat(raw.getInputStream().read()).isEqualTo('S');
                Socket session = new TlsSocketFactory(properties).createSocket(raw, "me", server.port(), true);
                session.getOutputStream()
                        .write(ByteBuffer.allocate(9).putInt(9).putInt(3 << 16).array());
                InputStream in = session.getInputStream();
                assertThat(in.readNBytes(beginning.size())).hasSize(beginning.size());
            }
            try (Socket afterwards = factory.createSocket()) {
                assertThat(afterwards).isInstanceOf(SSLSocket.class);
            }
        }
    }

    /** The timeout of a socket is for one read. */
    @Test
    @Timeout(60)
    void a_cancel_request_does_not_wait_for_a_server_that_says_a_little_now_and_then() throws IOException {
        try (TalkingServer server = new TalkingServer((in, out) -> {
            while (true) {
                out.write('N');
                TimeUnit.MILLISECONDS.sleep(20); // the server's pace
            }
        })) {
            Properties properties = to(server.port());
            properties.setProperty("cancelSignalTimeout", "1");
            LibpqSocketFactory factory = new LibpqSocketFactory(properties);
            try (Socket session = factory.createSocket();
                    Socket cancel = factory.createSocket()) {
                assertThat(session.isConnected()).isTrue();
                InputStream in = cancel.getInputStream();
                assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(in::readAllBytes);
            }
        }
    }

    private static void fill(ServerSocket server, List<Socket> fillers) throws IOException {
        for (int i = 0; i < 10; i++) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(server.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("the server has room for ever more connections");
    }

    private static Properties to(ServerSocket server) {
        return to(server.getLocalPort());
    }

    private static Properties to(int port) {
        Properties properties = new Properties();
        properties.setProperty(
                LibpqSocketFactory.ADDRESS, InetAddress.getLoopbackAddress().getHostAddress());
        properties.setProperty(LibpqSocketFactory.PORT, Integer.toString(port));
        return properties;
    }
}
