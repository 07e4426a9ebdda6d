package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The raw sockets of one opening and of the session that comes of it, those of its cancel requests included. Closing
 * them frees at once each thread that waits for the server: in dialling, a handshake, a read, a write. Over TLS nothing
 * else does, since the JDK says goodbye before it closes, and waits for a thread that is stuck in writing.
 *
 * <p>A thread opens a session within {@link #whileOpening}. The socket factories that pgjdbc makes meanwhile belong to
 * this owner, whichever thread pgjdbc makes them on, and so does every socket that they make, then or later. It is
 * registered before it is dialled.
 *
 * <p>The sockets are owned of {@code LibpqDataSource}, and of a {@code jdbc:postgresql:} URL given to it, unless the
 * URL names a {@code socketFactory} of its own. Of another data source none are; then {@link #isEmpty()} stays true. A
 * name that is being looked up has no socket yet: closing does not end that, but nothing is dialled after it.
 *
 * <p>Thread safety: safe.
 */
public final class SocketOwner {
    private static final ThreadLocal<@Nullable SocketOwner> CURRENT = new ThreadLocal<>();

    /** Guards what follows. No socket is dialled or closed under it, so that no thread waits for it. */
    private final Object lock = new Object();

    private final @Nullable SocketOwner whole;
    private final Set<Socket> sockets = new HashSet<>();
    private boolean used;
    private boolean closed;

    private volatile long lastProgressNanos = System.nanoTime();
    private volatile long brokenOffAt;
    private volatile boolean brokenOff;
    private volatile boolean askedForSession;

    /** An owner of its own. */
    public SocketOwner() {
        this(null);
    }

    /**
     * An owner of a part: of one attempt, say, which ends while the whole goes on.
     *
     * @param whole owns the sockets, too, and closes them with its own; null if there is none
     */
    public SocketOwner(@Nullable SocketOwner whole) {
        this.whole = whole;
    }

    /** Opens a session. */
    public interface Opening<T extends @Nullable Object, X extends Exception> {
        /**
         * Opens it.
         *
         * @return the session
         * @throws X if it cannot be opened
         */
        T open() throws X;
    }

    /**
     * Opens a session whose sockets belong to this owner. Within it, another owner may open another session.
     *
     * @param opening opens the session, on this thread
     * @return the session
     * @throws X the exception of the opening
     */
    public <T extends @Nullable Object, X extends Exception> T whileOpening(Opening<T, X> opening) throws X {
        SocketOwner outer = CURRENT.get();
        CURRENT.set(this);
        try {
            return opening.open();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /**
     * The owner within whose {@link #whileOpening} this thread is.
     *
     * @return the owner, or null
     */
    public static @Nullable SocketOwner current() {
        return CURRENT.get();
    }

    /**
     * Closes all sockets, and every one that is made later. Threads that wait for the server fail with an
     * {@link IOException}, which pgjdbc makes an {@link java.sql.SQLException} of. It neither waits nor throws, and may
     * be called again.
     */
    public void closeAll() {
        List<Socket> open;
        synchronized (lock) {
            closed = true;
            open = List.copyOf(sockets);
            sockets.clear();
        }
        open.forEach(SocketOwner::close);
    }

    /**
     * Closes the sockets that there are now, and none that is made later: an opening that waits for a server which says
     * nothing goes on to the next address, or fails. It neither waits nor throws.
     */
    public void closeOpen() {
        brokenOffAt = System.nanoTime();
        brokenOff = true;
        sockets().forEach(SocketOwner::close);
    }

    /**
     * Whether {@link #closeOpen()} has ended what was under way at a moment: to the opening that is a timeout.
     *
     * @param nanoTime the moment, by {@link System#nanoTime()}
     * @return whether sockets were closed since then
     */
    public boolean hasBrokenOffSince(long nanoTime) {
        return brokenOff && brokenOffAt - nanoTime >= 0;
    }

    /**
     * Whether {@link #closeAll()} was called, here or for the whole of which this is a part.
     *
     * @return whether it was
     */
    public boolean isClosed() {
        synchronized (lock) {
            if (closed) {
                return true;
            }
        }
        return whole != null && whole.isClosed();
    }

    /**
     * Whether there has never been a socket: the data source is not one whose sockets are owned, or has not begun to
     * dial.
     *
     * @return whether there was none
     */
    public boolean isEmpty() {
        synchronized (lock) {
            return !used;
        }
    }

    /**
     * What the session's socket receives, once the session is open.
     *
     * @return null if it is not known which socket is the session's: none is owned, or others are open, too
     */
    public @Nullable AwaitedInput input() {
        AwaitedInput only = null;
        for (Socket socket : sockets()) {
            if (!socket.isClosed()) {
                if (only != null || !(socket instanceof AwaitedSocket awaited)) {
                    return null;
                }
                only = awaited.awaited();
            }
        }
        return only;
    }

    /**
     * When the last step was made: a socket was made, or is connected; at first, when this owner was made. Reads and
     * writes do not count.
     *
     * @return a value of {@link System#nanoTime()}
     */
    public long lastProgressNanos() {
        return lastProgressNanos;
    }

    /**
     * Takes a socket, before it is dialled.
     *
     * @throws IOException if all are closed; then this one is, too
     */
    void register(Socket socket) throws IOException {
        if (whole != null) {
            whole.register(socket);
        }
        // Java asks under the lock under which it closes.
        List<Socket> forgotten = sockets().stream().filter(Socket::isClosed).toList();
        synchronized (lock) {
            if (!closed) {
                forgotten.forEach(sockets::remove);
                sockets.add(socket);
                used = true;
                lastProgressNanos = System.nanoTime();
                return;
            }
        }
        close(socket);
        throw ended();
    }

    private List<Socket> sockets() {
        synchronized (lock) {
            return List.copyOf(sockets);
        }
    }

    /** Notes that a socket is connected. */
    void connected() {
        lastProgressNanos = System.nanoTime();
        if (whole != null) {
            whole.connected();
        }
    }

    /** Notes that a server was asked for a session, in clear or under TLS that was agreed on. */
    void sessionAskedFor() {
        askedForSession = true;
    }

    /**
     * Whether a server was asked for a session: encryption, if there was to be any, was agreed on before.
     *
     * @return whether it was; under GSSAPI that is not seen
     */
    public boolean hasAskedForSession() {
        return askedForSession;
    }

    /** The exception of a thread that dials, or is about to, when all are closed. */
    static IOException ended() {
        return new SocketException("The sockets of this session were closed; it is not to open others");
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException | RuntimeException e) {
            // It is of no use any more, whatever it says.
        }
    }

    /**
     * How many sockets are held, and whether they are closed.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        synchronized (lock) {
            return "SocketOwner[" + (closed ? "closed" : "sockets: " + sockets.size()) + ']';
        }
    }
}
