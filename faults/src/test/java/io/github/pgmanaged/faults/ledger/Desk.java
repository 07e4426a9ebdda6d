package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.TransactionStatus;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.postgresql.PGConnection;

/** A manager, the line to its server, and what each of its leases has to be like when it begins. */
final class Desk implements AutoCloseable {
    static final Duration ACQUIRE_TIMEOUT = Duration.ofSeconds(15);
    static final Duration RELEASE_TIMEOUT = Duration.ofMillis(800);
    static final Duration MAX_LEASE = Duration.ofMillis(1500);

    private static final String LOOK = "SELECT current_setting('search_path'),"
            + " current_setting('default_transaction_isolation'), current_setting('transaction_read_only'),"
            + " pg_current_xact_id_if_assigned() IS NULL";
    private static final String EXPECTED = "\"$user\", public|read committed|off|t|0|0|5|";
    private static final String LOOK_CLOSELY = LOOK + ", current_setting('work_mem'),"
            + " to_regclass('pg_temp.leaked') IS NULL, (SELECT count(*) FROM pg_locks"
            + " WHERE locktype = 'advisory' AND pid = pg_backend_pid())";
    private static final String EXPECTED_CLOSELY = "\"$user\", public|read committed|off|t|4MB|t|0|0|0|5|";

    private final String name;
    private final ManagedConnection manager;
    private final Line line;
    private final boolean fullReset;
    private final boolean limited;
    private final boolean autoCommit;
    private final Findings findings;
    private final AtomicReference<WeakReference<Lease>> last = new AtomicReference<>(new WeakReference<>(null));

    private Desk(
            String name,
            ManagedConnection manager,
            Line line,
            boolean fullReset,
            boolean limited,
            boolean autoCommit,
            Findings findings) {
        this.name = name;
        this.manager = manager;
        this.line = line;
        this.fullReset = fullReset;
        this.limited = limited;
        this.autoCommit = autoCommit;
        this.findings = findings;
    }

    /**
     * A desk.
     *
     * @param fullReset whether SQL's settings go back, too
     * @param limited whether leases are taken away after a while
     */
    static Desk open(
            String name,
            Server server,
            Findings findings,
            boolean fullReset,
            boolean limited,
            boolean autoCommit,
            UnaryOperator<ManagedConnection.Builder> options)
            throws IOException {
        Line line = new Line(server.port());
        ManagedConnection.Builder builder = ManagedConnection.builder(
                        "host=127.0.0.1 port=" + line.port() + " user=postgres dbname=postgres"
                                + " sslmode=disable connect_timeout=3 application_name=" + name)
                .name(name)
                .acquireTimeout(ACQUIRE_TIMEOUT)
                .releaseTimeout(RELEASE_TIMEOUT)
                .autoCommit(autoCommit);
        if (fullReset) {
            builder.sessionReset(SessionReset.FULL);
        }
        if (limited) {
            builder.maxLease(MAX_LEASE);
        }
        return new Desk(name, options.apply(builder).build(), line, fullReset, limited, autoCommit, findings);
    }

    String name() {
        return name;
    }

    ManagedConnection manager() {
        return manager;
    }

    Line line() {
        return line;
    }

    boolean isFullReset() {
        return fullReset;
    }

    /** Whether a lease that is held for long is taken away. */
    boolean isLimited() {
        return limited;
    }

    /** How leases begin, but for those of the data source. */
    boolean isAutoCommit() {
        return autoCommit;
    }

    /** Looks at a lease that has just begun. */
    void begun(Lease lease, boolean autoCommit, String who) throws SQLException {
        Lease previous = last.getAndSet(new WeakReference<>(lease)).get();
        if (previous != null && previous != lease && !previous.isClosed() && !lease.isClosed()) {
            findings.anomaly(who + ": two live leases at once at " + name);
        }
        TransactionStatus status = lease.status();
        if (status != TransactionStatus.IDLE && status != TransactionStatus.CLOSED) {
            findings.anomaly(who + ": a lease of " + name + " began " + status);
        }
        if (lease.getAutoCommit() != autoCommit) {
            findings.anomaly(who + ": a lease of " + name + " began with autocommit " + !autoCommit);
        }
        String found = settings(lease);
        if (!found.equals(fullReset ? EXPECTED_CLOSELY : EXPECTED)) {
            findings.anomaly(who + ": a lease of " + name + " began with the settings " + found);
        }
    }

    private String settings(Lease lease) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (Statement statement = lease.createStatement();
                ResultSet row = statement.executeQuery(fullReset ? LOOK_CLOSELY : LOOK)) {
            row.next();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                text.append(row.getString(i)).append('|');
            }
        }
        PGConnection driver = lease.unwrap(PGConnection.class);
        return text.append(lease.getNetworkTimeout())
                .append('|')
                .append(driver.getDefaultFetchSize())
                .append('|')
                .append(driver.getPrepareThreshold())
                .append('|')
                .toString();
    }

    @Override
    public void close() throws IOException {
        manager.close();
        line.close();
    }
}
