package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the sockets of one connection, dialled already: to one address, or to a Unix-domain socket. pgjdbc makes the
 * factory by its name, and uses it for the connection and for its cancel requests. All of them belong to the
 * {@link SocketOwner} that was there when the factory was made, if there was one. A session on one of them begins with
 * the settings that the properties name. What the server says until then is watched, and cancel requests are encrypted
 * as the session is, or not sent.
 *
 * <p>Thread safety: safe.
 */
public final class LibpqSocketFactory extends UnconnectedSocketFactory {
    /** The path of a Unix-domain socket; one that begins with an @ is in Linux's abstract namespace. */
    public static final String UNIX_SOCKET = "pgmanaged.socket.unix";

    /** The address to dial, as a literal. */
    public static final String ADDRESS = "pgmanaged.socket.address";

    /** The port to dial. */
    public static final String PORT = "pgmanaged.socket.port";

    /** Seconds; not set means the system's. */
    public static final String KEEPALIVES_IDLE = "pgmanaged.socket.keepalives_idle";

    /** Seconds; not set means the system's. */
    public static final String KEEPALIVES_INTERVAL = "pgmanaged.socket.keepalives_interval";

    /** How many; not set means the system's. */
    public static final String KEEPALIVES_COUNT = "pgmanaged.socket.keepalives_count";

    /** Before the name of a setting that the session is to begin with. */
    public static final String START = "pgmanaged.start.";

    private static final Logger LOG = LoggerFactory.getLogger(LibpqSocketFactory.class);
    private static final int CANCEL_SECONDS = 10;

    private final Properties properties;
    private final @Nullable SocketOwner owner;
    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile @Nullable StartSocket session;

    /**
     * Made by pgjdbc.
     *
     * @param properties the connection's properties
     */
    public LibpqSocketFactory(Properties properties) {
        this.properties = properties;
        this.owner = OwnerTicket.owner(properties);
    }

    @Override
    public Socket createSocket() throws IOException {
        StartSocket open = session;
        if (open != null && (open.hasBegun() || !open.isClosed())) {
            // A second socket beside the session's is for a cancel request, and so is each after it.
            return forCancelRequest(open);
        }
        StartSocket socket = dial(seconds("connectTimeout", 0));
        session = socket;
        return socket;
    }

    private Socket forCancelRequest(StartSocket open) throws IOException {
        int seconds = seconds("cancelSignalTimeout", CANCEL_SECONDS);
        Deadline deadline = Deadline.inSeconds(seconds);
        try {
            StartSocket socket = dial(seconds);
            if (seconds > 0) {
                socket.readUntil(deadline);
            }
            return open.isEncrypted() ? encrypted(socket, open.encryption()) : socket;
        } catch (IOException e) {
            if (!warned.getAndSet(true)) {
                // pgjdbc says nothing.
                LOG.warn(
                        "A cancel request could not be sent, and the statement goes on; the next failures of this"
                                + " session's cancel requests are not logged",
                        e);
            }
            throw e;
        }
    }

    /** The key of a cancel request lets anybody cancel, and must not go in clear where nothing else does. */
    private Socket encrypted(Socket socket, StartTlsSocket.@Nullable Encryption encryption) throws IOException {
        boolean done = false;
        try {
            if (encryption == null) {
                throw new IOException("the session is encrypted by GSSAPI, which a cancel request cannot be");
            }
            if (!"direct".equals(properties.getProperty("sslNegotiation"))) {
                socket.getOutputStream().write(StartGuard.TLS_REQUEST);
                if (socket.getInputStream().read() != 'S') {
                    throw new IOException("the session is encrypted, and the server does not encrypt a cancel request");
                }
            }
            Socket tls = encryption.over(socket);
            done = true;
            return tls;
        } finally {
            if (!done) {
                socket.close();
            }
        }
    }

    private StartSocket dial(int seconds) throws IOException {
        String path = properties.getProperty(UNIX_SOCKET);
        try {
            return path == null ? dialTcp(seconds) : dialUnix(address(path), seconds);
        } catch (LinkageError e) {
            throw new IOException(
                    "Unix-domain sockets need the native library of junixsocket, which cannot be loaded here: "
                            + e.getMessage(),
                    e);
        } catch (IOException e) {
            if (owner != null && owner.isClosed()) {
                // Not unreachable, which would have the next address tried.
                IOException ended = SocketOwner.ended();
                ended.initCause(e);
                throw ended;
            }
            UnreachableException unreachable = new UnreachableException(reason(e));
            unreachable.initCause(e);
            throw unreachable;
        }
    }

    private StartSocket dialTcp(int seconds) throws IOException {
        StartSocket socket = new StartSocket(properties);
        try {
            register(socket);
            keepalives(socket);
            InetAddress address = InetAddress.getByName(properties.getProperty(ADDRESS));
            int port = Integer.parseInt(properties.getProperty(PORT));
            socket.connect(new InetSocketAddress(address, port), seconds * 1000);
            connected();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private StartSocket dialUnix(AFUNIXSocketAddress path, int seconds) throws IOException {
        StartSocket socket = UnixSocketImpl.to(path, properties);
        try {
            register(socket);
            socket.connect(UnixSocketImpl.IGNORED, seconds * 1000);
            connected();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void register(Socket socket) throws IOException {
        if (owner != null) {
            SystemSocket.create(socket);
            owner.register(socket);
        }
    }

    private void connected() {
        if (owner != null) {
            owner.connected();
        }
    }

    private static AFUNIXSocketAddress address(String path) throws IOException {
        return path.startsWith("@")
                ? AFUNIXSocketAddress.inAbstractNamespace(path.substring(1))
                : AFUNIXSocketAddress.of(path.getBytes(StandardCharsets.UTF_8));
    }

    private void keepalives(Socket socket) throws IOException {
        option(socket, ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVES_IDLE);
        option(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVES_INTERVAL);
        option(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVES_COUNT);
    }

    private void option(Socket socket, SocketOption<Integer> option, String property) throws IOException {
        int value = seconds(property, 0);
        if (value > 0 && socket.supportedOptions().contains(option)) {
            socket.setOption(option, value);
        }
    }

    private int seconds(String property, int otherwise) {
        String value = properties.getProperty(property);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    /** The exceptions of sockets differ from platform to platform in what they say around the reason. */
    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }

    /** The address could not be dialled: the next one may be better. */
    public static final class UnreachableException extends ConnectException {
        private static final long serialVersionUID = 1L;

        UnreachableException(String message) {
            super(message);
        }
    }
}
