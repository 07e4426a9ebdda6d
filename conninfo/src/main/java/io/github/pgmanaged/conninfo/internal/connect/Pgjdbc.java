package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.net.DriverVersion;
import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import io.github.pgmanaged.conninfo.internal.net.OwnedSocketFactory;
import io.github.pgmanaged.conninfo.internal.net.OwnerTicket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** The driver. */
public final class Pgjdbc {
    private static final Driver DRIVER = new Driver();

    private Pgjdbc() {}

    /**
     * Refuses a driver that is too old, before anything else of it is touched.
     *
     * @throws SQLException if it is
     */
    public static void checkVersion() throws SQLException {
        DriverVersion.check();
    }

    /**
     * Connects; the sockets belong to the owner of this thread, on whichever thread pgjdbc dials.
     *
     * @param properties changed meanwhile
     */
    public static Connection connect(String url, Properties properties) throws SQLException {
        refuseNul(url, properties);
        OwnerTicket ticket = OwnerTicket.issue(properties);
        ContextLoader context = new ContextLoader();
        try {
            Connection connection = DRIVER.connect(url, properties);
            if (connection == null) {
                throw new SQLNonTransientConnectionException("pgjdbc does not take the URL", "08001");
            }
            return connection;
        } catch (RuntimeException e) {
            // pgjdbc's answer to an interrupt while it waits for its own timeout.
            throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
        } finally {
            context.restore();
            ticket.withdraw();
        }
    }

    /**
     * A NUL character ends a value in the packet that begins a session, and what follows it would be read as further
     * parameters: another user, say. Here all values have come together, from wherever they are.
     */
    private static void refuseNul(String url, Properties properties) throws SQLException {
        Properties all = Driver.parseURL(url, properties);
        if (all == null) {
            return; // pgjdbc says what it does not like
        }
        for (String name : all.stringPropertyNames()) {
            if (all.getProperty(name).indexOf('\0') >= 0) {
                throw new SQLNonTransientConnectionException(
                        "the value of \"" + name.replace(LibpqSocketFactory.START, "")
                                + "\" holds a NUL character; nothing was sent to the server",
                        "08001");
            }
        }
    }

    /**
     * Connects to where a URL of pgjdbc's own says. pgjdbc gets its sockets from a factory, so that none of them
     * outlives an attempt that it has given up; one that the URL names goes before it.
     *
     * @param properties changed meanwhile
     */
    public static Connection connectWhereItSays(String url, Properties properties) throws SQLException {
        PGProperty.SOCKET_FACTORY.set(properties, OwnedSocketFactory.class.getName());
        return Attempt.run(0, () -> connect(url, properties));
    }
}
