package io.github.pgmanaged.faults.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** The line between a manager and the server, which can be bad. */
final class Line implements AutoCloseable {
    /** What becomes of the next COMMIT. */
    enum AtCommit {
        /** The server does not hear of it. */
        QUESTION_LOST,
        /** The server hears of it, and nobody hears the server. */
        ANSWER_LOST
    }

    private static final int DRIP_NANOS = 500_000;

    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int serverPort;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final AtomicReference<AtCommit> atCommit = new AtomicReference<>();

    // By System.nanoTime(): until when it stalls, or drips.
    private volatile long stalledUntil = System.nanoTime();
    private volatile long drippingUntil = System.nanoTime();

    Line(int serverPort) throws IOException {
        this.serverPort = serverPort;
        start("line", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Cuts whatever is connected now. */
    void cut() {
        calls.forEach(Call::hangUp);
    }

    /** Holds back everything for a while. */
    void stall(long nanos) {
        stalledUntil = System.nanoTime() + nanos;
    }

    /** Lets bytes through one by one for a while. */
    void drip(long nanos) {
        drippingUntil = System.nanoTime() + nanos;
    }

    void cutAtCommit(AtCommit how) {
        atCommit.set(how);
    }

    /** Whether the cut that was asked for is still to come. */
    boolean isArmed() {
        return atCommit.get() != null;
    }

    /**
     * Takes the request back.
     *
     * @return whether it has been fulfilled already
     */
    boolean disarm() {
        return atCommit.getAndSet(null) == null;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket();
                try {
                    server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
                } catch (IOException e) {
                    client.close();
                    server.close();
                    continue;
                }
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                Call call = new Call(client, server);
                calls.add(call);
                start("line to the server", () -> call.pump(client, server, true));
                start("line from the server", () -> call.pump(server, client, false));
            }
        } catch (IOException e) {
            cut(); // closed
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection. */
    private final class Call {
        private final Socket client;
        private final Socket server;
        private final Commits commits = new Commits();
        private volatile boolean answerLost;

        Call(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void hangUp() {
            calls.remove(this);
            for (Socket socket : new Socket[] {client, server}) {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e); // Java's sockets do not
                }
            }
        }

        void pump(Socket from, Socket to, boolean asking) {
            try (InputStream in = from.getInputStream();
                    OutputStream out = to.getOutputStream()) {
                byte[] buffer = new byte[8192];
                int count;
                while ((count = in.read(buffer)) >= 0) {
                    await(stalledUntil);
                    if (answerLost || (asking && isLost(buffer, count))) {
                        return;
                    }
                    pass(buffer, count, out);
                }
            } catch (IOException e) {
                // either end has gone, and the other one goes, too
            } finally {
                hangUp();
            }
        }

        private boolean isLost(byte[] buffer, int count) {
            if (!commits.in(buffer, count)) {
                return false;
            }
            AtCommit how = atCommit.getAndSet(null);
            if (how == AtCommit.ANSWER_LOST) {
                answerLost = true;
            }
            return how == AtCommit.QUESTION_LOST;
        }

        private void pass(byte[] buffer, int count, OutputStream out) throws IOException {
            int passed = 0;
            while (passed < count && drippingUntil - System.nanoTime() > 0) {
                out.write(buffer, passed++, 1);
                LockSupport.parkNanos(DRIP_NANOS);
            }
            out.write(buffer, passed, count - passed);
        }

        private void await(long until) {
            long left;
            while ((left = until - System.nanoTime()) > 0 && !client.isClosed()) {
                LockSupport.parkNanos(Math.min(left, 10_000_000));
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
