package io.github.pgmanaged.faults.patroni;

import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Ports;
import io.github.pgmanaged.faults.programs.Program;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** Where the members of a cluster agree on who leads: an etcd of one. */
final class Etcd implements AutoCloseable {
    private final Daemon daemon;
    private final int port;

    private Etcd(Daemon daemon, int port) {
        this.daemon = daemon;
        this.port = port;
    }

    static Etcd start(Home home) throws Exception {
        int port = Ports.free();
        String clients = "http://127.0.0.1:" + port;
        String peers = "http://127.0.0.1:" + Ports.free();
        Daemon daemon = Daemon.start(
                home.path("etcd.log"),
                Map.of(),
                List.of(
                        Program.ETCD.path().toString(),
                        "--name=one",
                        "--data-dir=" + home.path("etcd"),
                        "--listen-client-urls=" + clients,
                        "--advertise-client-urls=" + clients,
                        "--listen-peer-urls=" + peers,
                        "--initial-advertise-peer-urls=" + peers,
                        "--initial-cluster=one=" + peers));
        Etcd etcd = home.closing(new Etcd(daemon, port));
        Awaitility.await("etcd that listens")
                .atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> {
                    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                        return socket.isConnected();
                    }
                });
        return etcd;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        daemon.close();
    }
}
