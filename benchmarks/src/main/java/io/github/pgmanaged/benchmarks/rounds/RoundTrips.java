package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.contenders.Contender;
import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import io.github.pgmanaged.benchmarks.contenders.Place;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A proxy that counts the server's answers: how often it says that it is ready for the next query. So all contenders
 * are seen to do the same. An answer is a round trip, or a part of one: the driver may send a BEGIN together with what
 * follows.
 */
final class RoundTrips implements AutoCloseable {
    private static final int LEASES = 100;
    private static final int READY_FOR_QUERY = 'Z';

    /** A session that has been idle for longer is validated by some: a lease before which the machine stood still. */
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Place server;
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    private final AtomicLong ready = new AtomicLong();

    private RoundTrips(Place server) throws IOException {
        this.server = server;
        begin(this::accept);
    }

    /** Of a lease with {@code select 1} and commit. */
    static double perLease(Contender contender, Place server) throws Exception {
        Work work = Work.of(Scenario.PLAIN);
        try (RoundTrips proxy = new RoundTrips(server);
                Desk desk = contender.open(new Place("127.0.0.1", proxy.listening.getLocalPort()))) {
            long answers = 0;
            long before = 0;
            long given = System.nanoTime();
            for (int i = -LEASES; i < LEASES; ) {
                Connection connection = desk.take();
                boolean wasIdle = System.nanoTime() - given > IDLE_NANOS;
                work.use(connection, i);
                desk.giveBack(connection);
                given = System.nanoTime();
                long ready = proxy.ready.get();
                if (i < 0 || !wasIdle) {
                    answers += i < 0 ? 0 : ready - before;
                    i++;
                }
                before = ready;
            }
            return (double) answers / LEASES;
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void begin(Task task) {
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        return; // somebody has hung up
                    }
                },
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            Socket there = new Socket(server.host(), server.port());
            client.setTcpNoDelay(true);
            there.setTcpNoDelay(true);
            begin(() -> {
                try (client;
                        there) {
                    InputStream in = client.getInputStream();
                    in.transferTo(there.getOutputStream());
                }
            });
            begin(() -> {
                try (client;
                        there) {
                    answers(there, client);
                }
            });
        }
    }

    private void answers(Socket from, Socket to) throws IOException {
        DataInputStream in = new DataInputStream(from.getInputStream());
        DataOutputStream out = new DataOutputStream(to.getOutputStream());
        while (true) {
            int type = in.readUnsignedByte();
            int length = in.readInt();
            byte[] message = new byte[5 + length - 4];
            message[0] = (byte) type;
            message[1] = (byte) (length >>> 24);
            message[2] = (byte) (length >>> 16);
            message[3] = (byte) (length >>> 8);
            message[4] = (byte) length;
            in.readFully(message, 5, length - 4);
            if (type == READY_FOR_QUERY) {
                ready.incrementAndGet();
            }
            out.write(message);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
