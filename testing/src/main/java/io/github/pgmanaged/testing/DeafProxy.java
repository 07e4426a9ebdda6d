package io.github.pgmanaged.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Stands before the server and, once told to, passes nothing on any more on the connections that it has. */
public final class DeafProxy implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final PGSimpleDataSource server;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicInteger generation = new AtomicInteger();
    private final AtomicInteger roundTrips = new AtomicInteger();
    private volatile boolean serverSpokeLast = true;
    private volatile @Nullable String cutAfter;
    private volatile boolean mute;
    private volatile boolean closed;
    private volatile boolean dripping;
    private volatile boolean inTransaction;

    /** Whatever runs until the sockets are closed. */
    private final List<Future<?>> running = new CopyOnWriteArrayList<>();

    public DeafProxy(PGSimpleDataSource server) throws IOException {
        this.server = server;
        running.add(Elsewhere.run(this::accept));
    }

    /** Where it listens. */
    public int port() {
        return listening.getLocalPort();
    }

    /** The server, through the proxy. */
    public DataSource source() throws SQLException {
        PGSimpleDataSource through = new PGSimpleDataSource();
        through.setURL(server.getURL());
        through.setServerNames(new String[] {"localhost"});
        through.setPortNumbers(new int[] {listening.getLocalPort()});
        through.setUser(server.getUser());
        through.setPassword(server.getPassword());
        return through;
    }

    /** The next message of the client's that holds this text still passes; its answer does not, and the line is cut. */
    public void cutAnswerTo(String text) {
        cutAfter = text;
    }

    /** How often the client has spoken after the server has: round trips. */
    public int roundTrips() {
        return roundTrips.get();
    }

    /** From now on new connections (cancel requests, too) are accepted and get no answer. */
    public void refuseToListen() {
        mute = true;
    }

    /** From now on nothing passes on today's connections; new ones work. */
    public void goDeaf() {
        generation.incrementAndGet();
    }

    /** From now on what the server says passes at a byte each tenth of a second. */
    public void drip() {
        dripping = true;
    }

    /** The next answer says that a transaction is open, as if somebody else had begun one. */
    public void sayInTransaction() {
        inTransaction = true;
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            keep(client);
            if (mute) {
                continue;
            }
            Socket backend = new Socket(server.getServerNames()[0], server.getPortNumbers()[0]);
            keep(backend);
            int born = generation.get();
            running.add(Elsewhere.run(() -> pump(client, backend, born, true)));
            running.add(Elsewhere.run(() -> pump(backend, client, born, false)));
        }
    }

    /** Until this is closed, which it may be meanwhile. */
    private void keep(Socket socket) throws IOException {
        sockets.add(socket);
        if (closed) {
            socket.close();
        }
    }

    private void pump(Socket from, Socket to, int born, boolean client) throws IOException, InterruptedException {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            byte[] buffer = new byte[8192];
            int count;
            while ((count = in.read(buffer)) >= 0) {
                if (generation.get() != born) {
                    end.await();
                    return;
                }
                if (client && serverSpokeLast) {
                    roundTrips.incrementAndGet();
                }
                serverSpokeLast = !client;
                String wanted = cutAfter;
                if (client
                        && wanted != null
                        && new String(buffer, 0, count, StandardCharsets.ISO_8859_1).contains(wanted)) {
                    cutAfter = null;
                    from.close(); // before the server can answer
                    out.write(buffer, 0, count);
                    out.flush();
                    return;
                }
                if (!client && inTransaction && count >= 6 && buffer[count - 6] == 'Z' && buffer[count - 1] == 'I') {
                    inTransaction = false;
                    buffer[count - 1] = 'T'; // the state in ReadyForQuery
                }
                if (!client && dripping) {
                    passSlowly(buffer, count, out);
                    continue;
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        }
    }

    private void passSlowly(byte[] bytes, int count, OutputStream out) throws IOException, InterruptedException {
        for (int i = 0; i < count; i++) {
            if (end.await(100, TimeUnit.MILLISECONDS)) {
                return;
            }
            out.write(bytes[i]);
            out.flush();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listening.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        end.countDown();
    }
}
