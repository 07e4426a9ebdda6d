package io.github.pgmanaged.faults.listen;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * A thread with a connection of its own that sends numbers, one after the other: each is written into a table and
 * announced on a channel in one transaction. The table has the truth. What fails is not tried again; the next number
 * follows.
 */
public final class Sender implements AutoCloseable {
    public static final String TABLE = "CREATE TABLE said (number bigint, channel text)";
    private static final String SAY = "WITH one AS (INSERT INTO said VALUES (?, ?) RETURNING channel, number)"
            + " SELECT pg_notify(channel, number::text) FROM one";

    /** Two processors are to be left to the others. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final DataSource server;
    private final List<String> channels;
    private final Thread thread = new Thread(this::run, "sender");
    private volatile boolean stopped;
    private long number;

    public Sender(DataSource server, List<String> channels) {
        this.server = server;
        this.channels = channels;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!stopped) {
            try (Connection connection = server.getConnection();
                    PreparedStatement say = connection.prepareStatement(SAY)) {
                while (!stopped) {
                    say(say);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(10 * PAUSE_NANOS);
            }
        }
    }

    private void say(PreparedStatement say) throws SQLException {
        number++;
        say.setLong(1, number);
        say.setString(2, channels.get((int) (number % channels.size())));
        say.execute();
    }

    /** Ends the thread, and says a last number on each channel: whoever hears all of them has heard all. */
    public void finish() throws SQLException, InterruptedException {
        close();
        try (Connection connection = server.getConnection();
                PreparedStatement say = connection.prepareStatement(SAY)) {
            for (int i = 0; i < channels.size(); i++) {
                say(say);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join(TimeUnit.SECONDS.toMillis(60));
        if (thread.isAlive()) {
            throw new AssertionError(thread + " hangs at " + List.of(thread.getStackTrace()));
        }
    }

    /** What was committed, by channel, in its order. */
    public Map<String, List<Long>> truth() throws SQLException {
        Map<String, List<Long>> truth = new TreeMap<>();
        channels.forEach(channel -> truth.put(channel, new ArrayList<>()));
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT channel, number FROM said ORDER BY number")) {
            while (rows.next()) {
                truth.get(rows.getString(1)).add(rows.getLong(2));
            }
        }
        return truth;
    }
}
