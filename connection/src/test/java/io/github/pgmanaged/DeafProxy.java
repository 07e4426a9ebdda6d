package io.github.pgmanaged;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Stands before the server and, once told to, passes nothing on any more on the connections that it has. */
final class DeafProxy implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final PGSimpleDataSource server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<CountDownLatch> deaf = new CopyOnWriteArrayList<>();
    private final AtomicInteger generation = new AtomicInteger();

    /** Whatever runs until the sockets are closed. */
    private final List<Future<?>> running = new CopyOnWriteArrayList<>();

    DeafProxy(PGSimpleDataSource server) throws IOException {
        this.server = server;
        running.add(Elsewhere.run(this::accept));
    }

    /** The server, through the proxy. */
    DataSource source() throws SQLException {
        PGSimpleDataSource through = new PGSimpleDataSource();
        through.setURL(server.getURL());
        through.setServerNames(new String[] {"localhost"});
        through.setPortNumbers(new int[] {listening.getLocalPort()});
        through.setUser(server.getUser());
        through.setPassword(server.getPassword());
        return through;
    }

    /** From now on nothing passes on today's connections; new ones work. */
    void goDeaf() {
        generation.incrementAndGet();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            Socket backend = new Socket(server.getServerNames()[0], server.getPortNumbers()[0]);
            sockets.add(client);
            sockets.add(backend);
            int born = generation.get();
            running.add(Elsewhere.run(() -> pump(client, backend, born)));
            running.add(Elsewhere.run(() -> pump(backend, client, born)));
        }
    }

    private void pump(Socket from, Socket to, int born) throws IOException, InterruptedException {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            int count;
            while ((count = in.read(buffer)) >= 0) {
                if (generation.get() != born) {
                    CountDownLatch never = new CountDownLatch(1);
                    deaf.add(never);
                    never.await();
                    return;
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        deaf.forEach(CountDownLatch::countDown);
    }
}
