package io.github.pgmanaged.conninfo.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Properties;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The keepalives of the sockets that {@link LibpqSocketFactory} dials. */
@DisabledOnOs(OS.WINDOWS)
class KeepalivesTest {
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

    private static Properties to(ServerSocket server) {
        Properties properties = new Properties();
        properties.setProperty(
                LibpqSocketFactory.ADDRESS, server.getInetAddress().getHostAddress());
        properties.setProperty(LibpqSocketFactory.PORT, Integer.toString(server.getLocalPort()));
        return properties;
    }
}
