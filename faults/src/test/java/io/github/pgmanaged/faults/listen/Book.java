package io.github.pgmanaged.faults.listen;

import io.github.pgmanaged.Notification;
import io.github.pgmanaged.NotificationListener;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * What a subscription has heard of a {@link Sender}'s numbers, as its listener wrote it down. The listener does what a
 * program would do: whenever it is ready it reads in the table how far things have gone.
 */
public final class Book implements NotificationListener {
    private static final String BACKLOG = "SELECT coalesce(max(number), 0) FROM said WHERE channel = ?";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final String owner;
    private final String channel;
    private final DataSource first;
    private final DataSource otherwise;
    private final AtomicBoolean inside = new AtomicBoolean();

    // Guarded by this.
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();

    /** A line of the book. */
    sealed interface Entry {}

    record Ready(Reason reason, long backlog) implements Entry {}

    record Heard(long number) implements Entry {}

    record Lost(String why) implements Entry {}

    /**
     * An empty book.
     *
     * @param first where the backlog is looked up: the manager, say
     * @param otherwise where it is if that fails, until it succeeds
     */
    public Book(String owner, String channel, DataSource first, DataSource otherwise) {
        this.owner = owner;
        this.channel = channel;
        this.first = first;
        this.otherwise = otherwise;
    }

    public String channel() {
        return channel;
    }

    @Override
    public void onReady(Reason reason) throws SQLException {
        alone(() -> add(new Ready(reason, backlog())));
    }

    @Override
    public void onNotification(Notification notification) throws SQLException {
        alone(() -> add(new Heard(Long.parseLong(notification.payload()))));
    }

    @Override
    public void onLost(SQLException cause) {
        try {
            alone(() -> add(new Lost(String.valueOf(cause.getMessage()))));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Call {
        void make() throws SQLException;
    }

    private void alone(Call call) throws SQLException {
        if (!inside.compareAndSet(false, true)) {
            trouble("two calls at once");
        }
        try {
            call.make();
        } finally {
            inside.set(false);
        }
    }

    private synchronized void add(Entry entry) {
        entries.add(entry);
    }

    private synchronized void trouble(String trouble) {
        troubles.add(trouble);
    }

    private long backlog() throws SQLException {
        long begun = System.nanoTime();
        DataSource source = first;
        while (true) {
            try (Connection connection = source.getConnection();
                    PreparedStatement ask = connection.prepareStatement(BACKLOG)) {
                ask.setString(1, channel);
                try (ResultSet row = ask.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            } catch (SQLException e) {
                if (System.nanoTime() - begun > PATIENCE_NANOS) {
                    trouble("the backlog could not be read: " + e);
                    throw e;
                }
                source = otherwise;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** How often it was told that something may be missing. */
    public synchronized long gaps() {
        return entries.stream().filter(Lost.class::isInstance).count();
    }

    /** Why something may be missing, each time that it was told so. */
    public synchronized List<String> losses() {
        return entries.stream()
                .filter(Lost.class::isInstance)
                .map(entry -> ((Lost) entry).why())
                .toList();
    }

    /** How many numbers it has heard. */
    public synchronized long heard() {
        return entries.stream().filter(Heard.class::isInstance).count();
    }

    /** Whether the listener knows of a number, because it has heard it or read it in a backlog since. */
    public synchronized boolean knows(long number) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            if (entry instanceof Lost) {
                return false;
            }
            if ((entry instanceof Heard heard && heard.number() >= number)
                    || (entry instanceof Ready ready && ready.backlog() >= number)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What in it cannot be.
     *
     * @param committed what was sent on the channel, in its order
     */
    public synchronized List<String> untruths(List<Long> committed) {
        List<String> untruths = new ArrayList<>(new Check(committed, entries).untruths());
        untruths.addAll(troubles);
        untruths.replaceAll(untruth -> owner + ", " + channel + ": " + untruth);
        return untruths;
    }
}
