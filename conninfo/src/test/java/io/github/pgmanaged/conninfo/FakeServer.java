package io.github.pgmanaged.conninfo;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens as a server does, and then does something that a server cannot be made to do at will. */
public final class FakeServer implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final ServerSocket listening;
    private final Behaviour behaviour;
    private final AtomicInteger visits = new AtomicInteger();
    private final List<Socket> visitors = new CopyOnWriteArrayList<>();

    /** What is done with a client. */
    private interface Behaviour {
        void meet(Socket client) throws IOException;
    }

    private FakeServer(ServerSocket listening, Behaviour behaviour) {
        this.listening = listening;
        this.behaviour = behaviour;
        Thread accepting = new Thread(this::accept, "fake server");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** One that answers every session with an error. */
    public static FakeServer refusing(String sqlState, String message) throws IOException {
        return refusing("127.0.0.1", 0, sqlState, message);
    }

    public static FakeServer refusing(String address, int port, String sqlState, String message) throws IOException {
        return new FakeServer(
                new ServerSocket(port, 50, InetAddress.getAllByName(address)[0]),
                client -> refuse(client, sqlState, message));
    }

    /** One that takes connections and never says a word. */
    public static FakeServer silent() throws IOException {
        return new FakeServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), client -> {});
    }

    /** One that hangs up when it has heard who is there. */
    public static FakeServer hangingUp() throws IOException {
        return new FakeServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), client -> {
            startup(client);
            client.close();
        });
    }

    /** One that begins a session, knows no protocol but 3.0, does not say what it is, and refuses to be asked. */
    public static FakeServer old() throws IOException {
        return new FakeServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), client -> {
            startup(client);
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            message(out, 'v', new byte[] {0, 3, 0, 0, 0, 0, 0, 0});
            message(out, 'R', new byte[4]);
            for (String parameter : List.of(
                    "server_version\0" + "17.0",
                    "client_encoding\0UTF8",
                    "DateStyle\0ISO, MDY",
                    "standard_conforming_strings\0on",
                    "integer_datetimes\0on")) {
                message(out, 'S', (parameter + '\0').getBytes(StandardCharsets.UTF_8));
            }
            message(out, 'K', new byte[8]);
            message(out, 'Z', new byte[] {'I'});
            out.flush();
            if (client.getInputStream().read() == 'P') {
                error(out, "ERROR", "42501", "I will not say");
                message(out, 'Z', new byte[] {'I'});
                out.flush();
            }
        });
    }

    private static void message(DataOutputStream out, char type, byte[] content) throws IOException {
        out.write(type);
        out.writeInt(4 + content.length);
        out.write(content);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** How many clients have come. */
    public int visits() {
        return visits.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                visitors.add(client);
                visits.incrementAndGet();
                behaviour.meet(client);
            }
        } catch (SocketException e) {
            // Closed: that is the end of it.
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refuse(Socket client, String sqlState, String message) throws IOException {
        startup(client);
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        error(out, "FATAL", sqlState, message);
        out.flush();
        client.close();
    }

    private static void error(DataOutputStream out, String severity, String sqlState, String text) throws IOException {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        for (String field : List.of("S" + severity, "V" + severity, "C" + sqlState, "M" + text)) {
            fields.write(field.getBytes(StandardCharsets.UTF_8));
            fields.write(0);
        }
        fields.write(0);
        message(out, 'E', fields.toByteArray());
    }

    /** Reads up to the startup packet; encryption is declined. */
    private static void startup(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        while (true) {
            int length = in.readInt();
            int code = in.readInt();
            in.readFully(new byte[length - 8]);
            if (code != SSL_REQUEST && code != GSS_REQUEST) {
                return;
            }
            client.getOutputStream().write('N');
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket client : visitors) {
            client.close();
        }
    }
}
