package io.github.pgmanaged.conninfo;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Listens as a server does, and says to each client, on a thread of its own, whatever the test likes. */
public final class TalkingServer implements AutoCloseable {
    public static final int SSL_REQUEST = 80877103;
    public static final int CANCEL_REQUEST = 80877102;

    private final ServerSocket listening;
    private final @Nullable SSLContext tls;
    private final Talk talk;
    private final AtomicInteger visits = new AtomicInteger();
    private final AtomicInteger inClear = new AtomicInteger();
    private final AtomicInteger over = new AtomicInteger();
    private final List<Socket> clients = new CopyOnWriteArrayList<>();

    /** What is said to a client; it is over when the client has gone, or this returns. */
    public interface Talk {
        void with(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException;
    }

    public TalkingServer(Talk talk) throws IOException {
        this(null, talk);
    }

    /** Talks over TLS, for which it has to be asked first. */
    public TalkingServer(@Nullable SSLContext tls, Talk talk) throws IOException {
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.tls = tls;
        this.talk = talk;
        start(this::accept);
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** How many clients have come. */
    public int visits() {
        return visits.get();
    }

    /** How many did not ask for TLS, where it is talked. */
    public int visitsInClear() {
        return inClear.get();
    }

    /** How many of them are still there. */
    public int staying() {
        return visits.get() - over.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                client.setTcpNoDelay(true);
                clients.add(client);
                visits.incrementAndGet();
                start(() -> meet(client));
            }
        } catch (IOException e) {
            // Closed: that is the end of it.
        }
    }

    private void meet(Socket client) {
        try (client;
                Socket encrypted = tls == null ? client : encrypted(client, tls)) {
            talk.with(
                    new DataInputStream(encrypted.getInputStream()), new DataOutputStream(encrypted.getOutputStream()));
        } catch (IOException | InterruptedException e) {
            // The client has gone.
        } finally {
            over.incrementAndGet();
        }
    }

    private Socket encrypted(Socket client, SSLContext tls) throws IOException {
        if (packet(new DataInputStream(client.getInputStream())) != SSL_REQUEST) {
            inClear.incrementAndGet();
            throw new IOException("TLS is spoken here");
        }
        client.getOutputStream().write('S');
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(client, null, client.getPort(), true);
        socket.setUseClientMode(false);
        return socket;
    }

    private static void start(Runnable what) {
        Thread thread = new Thread(what, "talking server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads a packet without a type, and tells its code: a request, or the version of a startup packet. */
    public static int packet(DataInputStream in) throws IOException {
        int length = in.readInt();
        int code = in.readInt();
        in.readFully(new byte[length - 8]);
        return code;
    }

    /** Reads up to the startup packet; encryption is declined. */
    public static void startup(DataInputStream in, DataOutputStream out) throws IOException {
        while (packet(in) >> 16 == 1234) {
            out.write('N');
        }
    }

    /** A message. */
    public static byte[] message(char type, byte[] content) {
        return message(type, content, content.length);
    }

    /** A message that is not as long as it says. */
    public static byte[] message(char type, byte[] content, int announced) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(type);
            out.writeInt(4 + announced);
            out.write(content);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An error of the server's. */
    public static byte[] error(String sqlState, String text) {
        String fields = "SFATAL\0VFATAL\0C" + sqlState + "\0M" + text + "\0\0";
        return message('E', fields.getBytes(StandardCharsets.UTF_8));
    }

    /** What a server without authentication says to a startup packet, up to ReadyForQuery. */
    public static void begin(DataOutputStream out) throws IOException {
        out.write(message('R', new byte[4]));
        for (String parameter : List.of(
                "server_version\0" + "17.0",
                "client_encoding\0UTF8",
                "DateStyle\0ISO, MDY",
                "TimeZone\0UTC",
                "standard_conforming_strings\0on",
                "integer_datetimes\0on")) {
            out.write(message('S', (parameter + '\0').getBytes(StandardCharsets.UTF_8)));
        }
        out.write(message('K', new byte[8]));
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket client : clients) {
            client.close();
        }
    }
}
