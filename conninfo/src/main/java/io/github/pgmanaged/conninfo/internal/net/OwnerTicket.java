package io.github.pgmanaged.conninfo.internal.net;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Takes a {@link SocketOwner} to the thread on which pgjdbc makes its socket factory. With a login timeout that is not
 * the caller's thread, and of the connection's properties only strings get there; so a string stands for the owner
 * while pgjdbc connects.
 *
 * <p>Thread safety: safe.
 */
public final class OwnerTicket {
    /** The property that holds the string. */
    static final String PROPERTY = "pgmanaged.socket.owner";

    private static final AtomicLong LAST = new AtomicLong();
    private static final Map<String, SocketOwner> ISSUED = new ConcurrentHashMap<>();

    private final Properties properties;

    private OwnerTicket(Properties properties) {
        this.properties = properties;
    }

    /**
     * Puts the owner of this thread, if there is one, into the properties that pgjdbc is about to get.
     *
     * @return the ticket, to be withdrawn when pgjdbc is done
     */
    public static OwnerTicket issue(Properties properties) {
        SocketOwner owner = SocketOwner.current();
        if (owner != null) {
            String name = Long.toString(LAST.incrementAndGet());
            ISSUED.put(name, owner);
            properties.setProperty(PROPERTY, name);
        }
        return new OwnerTicket(properties);
    }

    /** Takes the owner out of the properties again. */
    public void withdraw() {
        if (properties.remove(PROPERTY) instanceof String name) {
            ISSUED.remove(name);
        }
    }

    /**
     * The owner of the sockets of a connection with these properties; null if they have none. An attempt that pgjdbc
     * has given up and that goes on by itself gets one that lets it dial no more.
     */
    static @Nullable SocketOwner owner(Properties properties) {
        String name = properties.getProperty(PROPERTY);
        if (name == null) {
            return SocketOwner.current();
        }
        SocketOwner owner = ISSUED.get(name);
        if (owner == null) {
            owner = new SocketOwner();
            owner.closeAll();
        }
        return owner;
    }
}
