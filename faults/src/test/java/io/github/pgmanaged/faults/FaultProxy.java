package io.github.pgmanaged.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands before a server and knows where a message of the protocol begins. It passes everything on, until it is told to
 * do something wrong: to the lines that there are, to those that come, or when a certain message comes by. The
 * connections must not be encrypted.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats"</a>
 */
final class FaultProxy implements AutoCloseable {
    /** What it does wrong. */
    enum Fault {
        /** Ends the line in good order. */
        CUT,
        /** Ends the line by a reset. */
        RESET,
        /** Passes nothing on any more, in either direction. */
        STALL,
        /** Tells the client that nothing more will come, and listens on. */
        HALF_CLOSE,
        /** Passes each message on after a while. */
        DELAY,
        /** Passes byte after byte. */
        DRIP
    }

    private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(30);

    private final ServerSocket listening = new ServerSocket();
    private final int server;
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private volatile Fault forNewLines;
    private volatile Trigger trigger;

    /** A fault that waits for a message of the client's. */
    private record Trigger(Fault fault, String text) {}

    FaultProxy(int server) throws IOException {
        this.server = server;
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        run("accept", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** On all lines that there are; what comes later is not touched. */
    void now(Fault fault) {
        lines.forEach(line -> line.become(fault));
    }

    /** On all lines that come, until {@link #heal}. */
    void next(Fault fault) {
        forNewLines = fault;
    }

    /** As soon as a client says this: it is still passed on, but not the answer. */
    void whenClientSays(String text, Fault fault) {
        trigger = new Trigger(fault, text);
    }

    /** Nothing is wrong any more with new lines; those with which something is are cut. */
    void heal() {
        forNewLines = null;
        trigger = null;
        lines.stream().filter(line -> line.fault != null).forEach(Line::end);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listening.accept();
            Line line;
            try {
                line = new Line(client, new Socket(InetAddress.getLoopbackAddress(), server));
            } catch (IOException e) {
                client.close(); // as a server that is not there
                continue;
            }
            lines.add(line);
            Fault fault = forNewLines;
            if (fault != null) {
                line.become(fault);
            }
            run("to the server", () -> line.pump(line.client, line.backend, true));
            run("to the client", () -> line.pump(line.backend, line.client, false));
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        return; // a line has ended, or the proxy
                    }
                },
                "proxy, " + name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        lines.forEach(Line::end);
    }

    /** A client's connection, and the one to the server behind it. */
    private final class Line {
        private final Socket client;
        private final Socket backend;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile Fault fault;

        Line(Socket client, Socket backend) throws IOException {
            this.client = client;
            this.backend = backend;
            client.setTcpNoDelay(true);
            backend.setTcpNoDelay(true);
        }

        void become(Fault wrong) {
            if (over.getCount() == 0) {
                return;
            }
            fault = wrong;
            try {
                switch (wrong) {
                    case CUT -> end();
                    case RESET -> {
                        client.setSoLinger(true, 0);
                        backend.setSoLinger(true, 0);
                        end();
                    }
                    case HALF_CLOSE -> client.shutdownOutput();
                    default -> {}
                }
            } catch (IOException e) {
                end();
            }
        }

        void end() {
            over.countDown();
            for (Socket socket : List.of(client, backend)) {
                try {
                    socket.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
            lines.remove(this);
        }

        void pump(Socket from, Socket to, boolean fromClient) throws IOException {
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(from.getInputStream()));
                    OutputStream out = new BufferedOutputStream(to.getOutputStream())) {
                if (fromClient) {
                    pass(message(in, false), in, out, true);
                }
                while (true) {
                    pass(message(in, true), in, out, fromClient);
                }
            } finally {
                end();
            }
        }

        /** A whole message; only the first one of a client has no type. */
        private byte[] message(DataInputStream in, boolean typed) throws IOException {
            int type = typed ? in.readUnsignedByte() : 0;
            int length = in.readInt();
            byte[] message = new byte[length + (typed ? 1 : 0)];
            ByteBuffer buffer = ByteBuffer.wrap(message);
            if (typed) {
                buffer.put((byte) type);
            }
            buffer.putInt(length);
            in.readFully(message, buffer.position(), buffer.remaining());
            return message;
        }

        private void pass(byte[] message, DataInputStream in, OutputStream out, boolean fromClient) throws IOException {
            Trigger waiting = trigger;
            if (fromClient
                    && waiting != null
                    && new String(message, StandardCharsets.ISO_8859_1).contains(waiting.text())) {
                trigger = null;
                List<byte[]> question = question(message, in);
                if (waiting.fault() == Fault.CUT || waiting.fault() == Fault.RESET) {
                    client.setSoLinger(waiting.fault() == Fault.RESET, 0);
                    client.close(); // before the server can answer
                } else {
                    become(waiting.fault());
                }
                for (byte[] part : question) {
                    out.write(part);
                }
                out.flush();
                return;
            }
            if (fault == Fault.STALL) {
                awaitEnd();
                return;
            }
            if (fault == Fault.HALF_CLOSE && !fromClient) {
                return;
            }
            if (fault == Fault.DELAY) {
                LockSupport.parkNanos(DELAY_NANOS);
            }
            passed(message, in, out);
        }

        /** The message and what belongs to it, up to where the client waits for an answer. */
        private List<byte[]> question(byte[] first, DataInputStream in) throws IOException {
            List<byte[]> messages = new ArrayList<>(List.of(first));
            while (messages.get(messages.size() - 1)[0] != 'Q' && messages.get(messages.size() - 1)[0] != 'S') {
                messages.add(message(in, true));
            }
            return messages;
        }

        private void passed(byte[] message, DataInputStream in, OutputStream out) throws IOException {
            if (fault == Fault.DRIP) {
                for (byte b : message) {
                    out.write(b);
                    out.flush();
                }
                return;
            }
            out.write(message);
            if (in.available() == 0) {
                out.flush();
            }
        }

        private void awaitEnd() throws IOException {
            try {
                over.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }
}
