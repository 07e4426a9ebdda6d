package io.github.pgmanaged.foreign;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * What is played for each foreign object and each misbehaviour of it: work that throws, work that leaves a transaction
 * open, a reset, another lease, and the end. It must end in time, and leave nothing behind.
 */
final class Scene {
    private static final Duration ACQUIRE = Duration.ofSeconds(2);
    private static final Duration RELEASE = Duration.ofSeconds(1);

    /** In which the next lease does its work, on a machine that stands still for a second, too. */
    private static final Duration MAX_LEASE = Duration.ofMillis(1500);

    /** What may take the two timeouts, and a second for each goodbye, ends within this on a busy machine, too. */
    private static final Duration BOUND = Duration.ofSeconds(15);

    /** With a pause after each that failed. */
    private static final int MOST_OPENINGS = 100;

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    final Trap trap;
    private final ManagedDatabase database;
    private final String key = "scene " + NUMBERS.incrementAndGet();
    private final AtomicInteger openings = new AtomicInteger();
    private final Set<Integer> backends = ConcurrentHashMap.newKeySet();

    // What a row of the table sets.
    private DataSource opens;
    private UnaryOperator<Connection> wrapping = raw -> raw;
    private UnaryOperator<DataSources.Opening> connecting = opening -> opening;
    private UnaryOperator<DataSource> sourceWrapping = source -> source;
    private @Nullable Action<Exception> hook;
    private @Nullable Throwable thrown;
    private Action<Exception> work = lease -> {};
    private boolean inACall;

    Scene(ManagedDatabase database, Misbehaviour misbehaviour) {
        this.database = database;
        this.trap = new Trap(misbehaviour);
        this.opens = database.source();
    }

    // --- the row ------------------------------------------------------------------------------------------------

    /** The sessions come through pgjdbc's own data source, whose sockets are not ours to close. */
    Scene throughPgjdbc() throws SQLException {
        opens = database.pgjdbcSource();
        return this;
    }

    Scene wrapping(UnaryOperator<Connection> wrapper) {
        wrapping = wrapper;
        return this;
    }

    Scene connecting(UnaryOperator<DataSources.Opening> around) {
        connecting = around;
        return this;
    }

    Scene wrappingTheSource(UnaryOperator<DataSource> wrapper) {
        sourceWrapping = wrapper;
        return this;
    }

    Scene hook(Action<Exception> what) {
        hook = what;
        return this;
    }

    /** The work ends so, and nothing may hide it. */
    Scene throwing(Throwable what) {
        thrown = what;
        return this;
    }

    /** The work does this, too. */
    Scene working(Action<Exception> what) {
        work = what;
        return this;
    }

    /** It happens in a call that the work makes, which lasts as long as it likes: {@code maxLease} bounds it. */
    Scene inACall() {
        inACall = true;
        return this;
    }

    // --- the play -----------------------------------------------------------------------------------------------

    void play() throws Exception {
        DataSources.Opening opening = connecting.apply(this::connect);
        DataSource source = sourceWrapping.apply(DataSources.of(() -> {
            openings.incrementAndGet();
            return opening.open();
        }));
        ManagedConnection.Builder builder = ManagedConnection.builder(source)
                .name(key)
                .acquireTimeout(ACQUIRE)
                .releaseTimeout(RELEASE)
                .slowLeaseWarning(Duration.ofMillis(200))
                .idleTimeout(Duration.ofSeconds(30));
        if (hook != null) {
            builder.onOpen(hook);
        }
        boolean heldUp = inACall && trap.misbehaviour() == Misbehaviour.BLOCKS;
        if (heldUp) {
            builder.maxLease(MAX_LEASE);
        }
        ManagedConnection manager = builder.build();
        trap.setManager(manager);
        try {
            play(manager, heldUp);
        } finally {
            trap.release();
            manager.close();
        }
        Awaitility.await("counters add up")
                .atMost(BOUND)
                .untilAsserted(() -> assertThat(manager.stats().closed())
                        .isEqualTo(manager.stats().opened()));
        Awaitility.await("sessions have ended").atMost(BOUND).until(() -> live() == 0);
        assertThat(openings).as("openings").hasValueLessThan(MOST_OPENINGS);
        assertThat(database.query("SELECT count(*) FROM example WHERE key LIKE '" + key + " %'"))
                .as("rows")
                .isEqualTo("0");
    }

    private void play(ManagedConnection manager, boolean heldUp) throws Exception {
        Step first = new Step("work that throws", () -> workThatThrows(manager));
        if (!heldUp) {
            first.ends();
        }
        Step second = new Step("work that leaves a transaction open", () -> workThatLeavesOpen(manager));
        if (!heldUp) {
            second.ends();
        }
        new Step("stats() and the like", trap::lookAround).endsWell();
        new Step("reset()", manager::reset).endsWell();
        new Step("acquire()", () -> manager.acquire().close()).ends();
        trap.disarm();
        boolean closed = trap.misbehaviour() == Misbehaviour.CLOSES && trap.hasSprung();
        if (!closed && trap.misbehaviour() != Misbehaviour.BLOCKS) {
            new Step("the next lease", () -> nextLease(manager)).endsWell();
        }
        new Step("reset() afterwards", manager::reset).endsWell(); // what opens a session, and blocks, is given up
        if (!closed) {
            new Step("the next lease after a reset", () -> nextLease(manager)).endsWell();
        }
        new Step("close()", manager::close).endsWell();
        Awaitility.await("sessions end though foreign code still blocks")
                .atMost(BOUND)
                .until(() -> live() == 0);
        trap.release();
        first.ends();
        second.ends();
    }

    private void workThatThrows(ManagedConnection manager) throws Exception {
        Throwable expected = thrown != null ? thrown : new IllegalStateException("the work's own");
        boolean[] end = new boolean[1];
        try {
            manager.useConnection(lease -> {
                insert(lease, key + " thrown");
                work.run(lease);
                end[0] = true;
                throw Trap.sneaky(expected);
            });
        } catch (Throwable t) {
            if (end[0] && t != expected) {
                throw new AssertionError("what the work threw was hidden", t);
            }
        }
    }

    private void workThatLeavesOpen(ManagedConnection manager) throws Exception {
        try (Lease lease = manager.acquire()) {
            work.run(lease);
            execute(lease, "INSERT INTO example (key) VALUES ('" + key + " open')");
        }
    }

    private void nextLease(ManagedConnection manager) throws SQLException {
        try (Lease lease = manager.acquire(BOUND)) {
            assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
            assertThat(query(lease, "SELECT count(*) FROM example WHERE key LIKE '" + key + " %'"))
                    .isEqualTo("0");
            assertThat(lease.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
            insert(lease, key + " next");
            lease.rollback();
        }
    }

    private Connection connect() throws SQLException {
        Connection raw = opens.getConnection();
        backends.add(raw.unwrap(PGConnection.class).getBackendPID());
        return wrapping.apply(raw);
    }

    /** A call of ours, on a thread of its own. Whatever it throws is not looked at: its methods may be traps. */
    private static final class Step {
        private final String name;
        private final Thread[] thread = new Thread[1];
        private final CompletableFuture<@Nullable Throwable> end;

        Step(String name, Elsewhere.Run run) {
            this.name = name;
            this.end = Elsewhere.call(() -> {
                thread[0] = Thread.currentThread();
                try {
                    run.run();
                    return null;
                } catch (AssertionError e) {
                    throw e;
                } catch (Throwable t) {
                    return t;
                }
            });
        }

        @Nullable
        Throwable ends() throws Exception {
            try {
                return end.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                Thread stuck = thread[0];
                throw new AssertionError(name + " has not ended"
                        + (stuck == null
                                ? ""
                                : Arrays.stream(stuck.getStackTrace())
                                        .map(frame -> "\n\t\tat " + frame)
                                        .collect(Collectors.joining())));
            }
        }

        void endsWell() throws Exception {
            Throwable thrown = ends();
            if (thrown != null) {
                throw new AssertionError(name + " threw", thrown);
            }
        }
    }

    // --- what the server says -----------------------------------------------------------------------------------

    private long live() throws SQLException {
        return backends.isEmpty()
                ? 0
                : Long.parseLong(database.query("SELECT count(*) FROM pg_stat_activity WHERE pid IN ("
                        + backends.stream().map(String::valueOf).collect(Collectors.joining(",")) + ")"));
    }
}
