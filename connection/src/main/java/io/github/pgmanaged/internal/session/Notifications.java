package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.conninfo.internal.net.AwaitedInput;
import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.fence.Hearing;
import io.github.pgmanaged.internal.time.BoundedCall;
import io.github.pgmanaged.internal.time.Deadline;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGNotification;
import org.postgresql.jdbc.PgConnection;

/**
 * The notifications of a session. Those on channels to which the manager listens are handed on; the others are kept for
 * a lease that asks for them, as the driver would keep them.
 *
 * <p>Thread safety: what talks to the server is for the thread that has the turn, and no lease; the rest for any.
 */
public final class Notifications implements Hearing {
    /** The driver's own list has no bound, but grows only while somebody uses the session. */
    private static final int MOST_KEPT = 10_000;

    /** The channels to which the server listens for this session, as they were before the transaction. */
    private static final String LISTENING = "SELECT pg_catalog.pg_listening_channels()";

    private static final String BACKEND = "SELECT pg_catalog.pg_backend_pid()";

    /** How often a session is looked at whose socket is not known. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** For the first byte: what is there is read at once. */
    private static final int SHORTEST_WAIT_MILLIS = 1;

    private static final int WITHOUT_WAITING = -1;

    /** After so many it is somebody else's turn: the driver itself reads on as long as messages come. */
    private static final int MOST_BYTES = 64 * 1024;

    private final String manager;
    private final PgConnection driver;

    /** What the session's socket receives; null if that is not known. */
    private final @Nullable AwaitedInput input;

    private final Exchange exchange;

    /** To which the manager listens in this session. Replaced in the turn. */
    private volatile Set<String> channels = Set.of();

    private volatile Subscribers subscribers = new Subscribers() {
        @Override
        public void heard(PGNotification message) {}

        @Override
        public void missed() {}
    };

    /** Whether the manager has ever listened here. */
    private volatile boolean on;

    /** Set by a plain write, which cannot fail. */
    private volatile boolean failed;

    // Guarded by this.
    private final Deque<PGNotification> kept = new ArrayDeque<>();
    private boolean warned;

    /** Those for whom the manager listens. Called in an exchange of whichever thread; must neither block nor throw. */
    public interface Subscribers {
        /** A message has come. */
        void heard(PGNotification message);

        /** Messages may have been missed, up to now, though the session goes on. */
        void missed();
    }

    /** Talks to the server within a deadline. */
    @FunctionalInterface
    interface Exchange {
        void run(Deadline deadline, BoundedCall.Task work) throws SQLException;
    }

    Notifications(String manager, PgConnection driver, @Nullable AwaitedInput input, Exchange exchange) {
        this.manager = manager;
        this.driver = driver;
        this.input = input;
        this.exchange = exchange;
    }

    // --- talking to the server ----------------------------------------------------------------------------------

    /**
     * Has the manager listen to these channels, and to no others: all of it, or nothing.
     *
     * @param forWhom those who hear what comes
     * @throws SQLException if the server refuses it
     */
    public void listen(Set<String> wanted, Subscribers forWhom, Deadline deadline) throws SQLException {
        Set<String> known = channels;
        if (on && known.equals(wanted)) {
            return;
        }
        StringJoiner sql = new StringJoiner("; ");
        wanted.stream()
                .filter(channel -> !known.contains(channel))
                .forEach(channel -> sql.add("LISTEN " + quoted(channel)));
        known.stream()
                .filter(channel -> !wanted.contains(channel))
                .forEach(channel -> sql.add("UNLISTEN " + quoted(channel)));
        subscribers = forWhom;
        on = true;
        Set<String> all = new HashSet<>(known);
        all.addAll(wanted);
        channels = all; // before the server knows of it: a message may come with its answer
        boolean done = false;
        try {
            if (sql.length() > 0) {
                exchange.run(deadline, () -> execute(sql.toString()));
            }
            channels = Set.copyOf(wanted);
            done = true;
        } finally {
            if (!done) {
                channels = known;
            }
        }
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /**
     * Waits, outside of any turn, until something has come that nobody has read, or the connection has ended.
     *
     * @param nanos for how long
     * @return whether there may be something to {@link #read}
     */
    public boolean await(long nanos) {
        if (input == null) {
            LockSupport.parkNanos(this, Math.min(nanos, LOOK_NANOS));
            return true;
        }
        return input.await((int) Math.max(1, Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(nanos))));
    }

    /**
     * Reads what the server has said by itself, and hands it on: what the driver has read with an answer, and not
     * looked at, too.
     *
     * @return whether something has come
     * @throws SQLException if the session is lost
     */
    public boolean read(Deadline deadline) throws SQLException {
        boolean unread = input != null && input.hasUnread();
        if (input != null && !unread && !input.wasRead()) {
            return false;
        }
        if (input != null) {
            input.limit(MOST_BYTES);
        }
        // What the driver has already it gives without waiting.
        int wait = input == null || unread ? SHORTEST_WAIT_MILLIS : WITHOUT_WAITING;
        exchange.run(deadline, () -> take(driver.getNotifications(wait)));
        if (input != null) {
            input.settled();
        }
        return unread;
    }

    /**
     * Asks whether the server listens to all channels, and has it listen again if it does not.
     *
     * @throws SQLException if it does not answer
     */
    public void check(Deadline deadline) throws SQLException {
        exchange.run(deadline, () -> {
            if (!executeAndAsk(LISTENING).containsAll(channels)) {
                execute(listenAgain());
                subscribers.missed();
            }
        });
    }

    /**
     * Executes what clears a session of what a lease has left, and has the manager listen again: in one transaction, so
     * that nothing is missed in between. But the lease may have ended the listening before.
     *
     * @param hasUnlistened whether it is known to have done so
     */
    void clear(String sql, boolean hasUnlistened) throws SQLException {
        Set<String> all = channels;
        if (all.isEmpty()) {
            if (!sql.isEmpty()) {
                execute(sql);
            }
            return;
        }
        String clear = sql.isEmpty() ? "" : sql + "; ";
        boolean listened =
                executeAndAsk(clear + listenAgain() + "; " + LISTENING).containsAll(all);
        if (hasUnlistened || !listened) {
            subscribers.missed(); // before what has come since is handed on
        }
    }

    private String listenAgain() {
        StringJoiner sql = new StringJoiner("; ");
        channels.forEach(channel -> sql.add("LISTEN " + quoted(channel)));
        return sql.toString();
    }

    private void execute(String sql) throws SQLException {
        SessionSetup.autoCommitOn(driver); // a lease may have left it off, and nobody would commit
        try (Statement statement = driver.createStatement()) {
            statement.setQueryTimeout(0);
            statement.execute(sql);
        }
    }

    /** Executes what ends with a query of one column of text; returns what the query returns. */
    private List<@Nullable String> executeAndAsk(String sql) throws SQLException {
        List<@Nullable String> answer = new ArrayList<>();
        SessionSetup.autoCommitOn(driver);
        try (Statement statement = driver.createStatement()) {
            statement.setQueryTimeout(0);
            boolean hasRows = statement.execute(sql);
            while (hasRows || statement.getUpdateCount() >= 0) {
                answer.clear(); // of the query before
                if (hasRows) {
                    try (ResultSet rows = statement.getResultSet()) {
                        while (rows.next()) {
                            answer.add(rows.getString(1));
                        }
                    }
                }
                hasRows = statement.getMoreResults();
            }
        }
        return answer;
    }

    /** The server's process behind this session, as it says itself. */
    int backendPid(Deadline deadline) throws SQLException {
        return askForBackend(BACKEND, deadline);
    }

    private int askForBackend(String sql, Deadline deadline) throws SQLException {
        @Nullable String[] pid = new String[1];
        exchange.run(deadline, () -> pid[0] = executeAndAsk(sql).get(0));
        return Integer.parseInt(Objects.requireNonNull(pid[0]));
    }

    /**
     * Executes something that is no subscription's.
     *
     * @return the server's process that has executed it
     */
    int aside(String sql, Deadline deadline) throws SQLException {
        on = true;
        return askForBackend(sql + "; " + BACKEND, deadline);
    }

    /** Drops what has come on a channel that is no subscription's; returns whether there was something. */
    synchronized boolean takeKept(String channel) {
        return kept.removeIf(notification -> notification.getName().equals(channel));
    }

    /** Waits a while for a message, and hands on what has come. */
    void listenFor(int millis, Deadline deadline) throws SQLException {
        exchange.run(deadline, () -> take(driver.getNotifications(millis)));
    }

    // --- sorting ------------------------------------------------------------------------------------------------

    /** The channels to which the manager listens. */
    public Set<String> channels() {
        return channels;
    }

    @Override
    public boolean isOn() {
        return on;
    }

    @Override
    public synchronized void sort(Set<String> listening) {
        try {
            sort(driver.getQueryExecutor().getNotifications(), listening);
        } catch (SQLException e) { // it declares one, and raises none
            return;
        }
    }

    private synchronized void take(PGNotification[] heard) {
        sort(heard, Set.of());
    }

    private void sort(PGNotification[] heard, Set<String> listening) {
        boolean done = false;
        try {
            for (PGNotification notification : heard) {
                boolean ours = channels.contains(notification.getName());
                if (ours) {
                    subscribers.heard(notification);
                }
                if (!ours || listening.contains(notification.getName())) {
                    keep(notification);
                }
            }
            done = true;
        } finally {
            if (!done) {
                failed = true;
            }
        }
    }

    /** Whether messages were lost by an Error since this was last asked. */
    public boolean hasFailed() {
        if (!failed) {
            return false;
        }
        failed = false;
        return true;
    }

    private void keep(PGNotification notification) {
        if (kept.size() == MOST_KEPT) {
            kept.remove();
            if (!warned) {
                warned = true;
                Log.detachedWarn(
                        "More than {} notifications have come to {} for leases, and no lease fetches them; the oldest"
                                + " are dropped. UNLISTEN their channels, or fetch them with getNotifications()",
                        MOST_KEPT,
                        manager);
            }
        }
        kept.add(notification);
    }

    @Override
    public synchronized boolean hasKept() {
        return !kept.isEmpty();
    }

    @Override
    public synchronized PGNotification[] forLease(PGNotification[] heard, Set<String> listening) {
        if (!on) {
            return heard;
        }
        sort(heard, listening);
        PGNotification[] forLease = kept.toArray(new PGNotification[0]);
        kept.clear();
        return forLease;
    }

    /** Drops what was for a lease that is over. */
    synchronized void drop() {
        sort(Set.of());
        kept.clear();
    }
}
