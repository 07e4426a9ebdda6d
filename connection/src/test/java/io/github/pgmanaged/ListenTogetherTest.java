package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.query;

import io.github.pgmanaged.testing.Elsewhere;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

/** A message may come in one piece with the answer to a lease. The driver reads both, and looks only at the answer. */
@Timeout(60)
class ListenTogetherTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final Heard heard = new Heard();

    @Test
    void a_message_that_comes_in_one_piece_with_the_answer_to_a_lease_is_heard_after_it() throws Exception {
        Pieces pieces = DB.closing(new Pieces(DB.pgjdbcSource()));
        ManagedConnection manager = DB.closing(ManagedConnection.of(pieces.conninfo()));
        manager.listen("jobs", heard);
        heard.awaitLines("ready FIRST");

        pieces.hold();
        CompletableFuture<Void> leasing = Elsewhere.run(() -> manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            query(lease, "SELECT 1");
        }));
        pieces.awaitHeld();
        DB.query("SELECT pg_notify('jobs', '1')");
        pieces.awaitMore();
        pieces.letGo();
        leasing.get(20, TimeUnit.SECONDS);
        heard.awaitLines("ready FIRST", "jobs: 1");
    }

    /** Holds what the server says back, and lets it go in one piece with what came meanwhile. */
    private static final class Pieces implements AutoCloseable {
        private final ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final PGSimpleDataSource server;
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final CountDownLatch held = new CountDownLatch(1);
        private volatile @Nullable CountDownLatch letGo;
        private volatile @Nullable InputStream holding;

        Pieces(PGSimpleDataSource server) throws IOException {
            this.server = server;
            var unused = Elsewhere.run(this::accept);
        }

        String conninfo() {
            return "host=localhost port=" + listening.getLocalPort() + " user=" + server.getUser() + " dbname="
                    + server.getDatabaseName() + " sslmode=disable"
                    + (server.getPassword() == null ? "" : " password=" + server.getPassword());
        }

        void hold() {
            letGo = new CountDownLatch(1);
        }

        void awaitHeld() throws InterruptedException {
            held.await();
        }

        void awaitMore() {
            Awaitility.await().until(() -> holding != null && holding.available() > 0);
        }

        void letGo() {
            CountDownLatch waiting = letGo;
            letGo = null;
            if (waiting != null) {
                waiting.countDown();
            }
        }

        private void accept() throws IOException {
            while (true) {
                Socket client = listening.accept();
                Socket backend = new Socket(server.getServerNames()[0], server.getPortNumbers()[0]);
                sockets.addAll(List.of(client, backend));
                List.of(
                        Elsewhere.run(() -> client.getInputStream().transferTo(backend.getOutputStream())),
                        Elsewhere.run(() -> pump(backend.getInputStream(), client.getOutputStream())));
            }
        }

        private void pump(InputStream in, OutputStream out) throws IOException, InterruptedException {
            byte[] buffer = new byte[8192];
            int count;
            while ((count = in.read(buffer)) > 0) {
                CountDownLatch wait = letGo;
                if (wait != null) {
                    holding = in;
                    held.countDown();
                    wait.await();
                    count += in.read(buffer, count, Math.min(in.available(), buffer.length - count));
                }
                out.write(Arrays.copyOf(buffer, count));
            }
        }

        @Override
        public void close() throws IOException {
            letGo();
            listening.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
