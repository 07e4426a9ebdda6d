package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.faults.programs.Sql;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import io.github.pgmanaged.faults.proxy.Moment;
import io.github.pgmanaged.faults.proxy.Strike;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A fault at a phase: a manager of its own behind a proxy of its own, and the server that all share. */
final class Cell implements AutoCloseable {
    /** When the server is well again, a lease must come; this is only how long a busy machine may take. */
    static final Duration WELL = Duration.ofSeconds(20);

    private final World world;
    private final Fault fault;
    private final Phase phase;
    private final FaultProxy proxy;
    private final Clock clock;
    private final Operations operations = new Operations();

    /** A thread may hear of a server's end before the strike, which waits for that end, is over. */
    private final CompletableFuture<Boolean> strikeIsOver = new CompletableFuture<>();

    private ManagedConnection manager;

    Cell(World world, Fault fault, Phase phase) throws Exception {
        this.world = world;
        this.fault = fault;
        this.phase = phase;
        this.proxy = world.proxy();
        this.clock = new Clock(acquireTimeout());
        this.manager = newManager();
    }

    private Duration acquireTimeout() {
        if (fault.isForGood() && fault.disturbs(phase)) {
            return Limits.ACQUIRE_TIMEOUT;
        }
        return fault.isSilence() && phase == Phase.VALIDATING ? Limits.VALIDATING_TIMEOUT : WELL;
    }

    /** Short where nothing comes, or not in time, and where it is waited for in vain. */
    private Duration releaseTimeout() {
        boolean late = fault == Fault.STOP_BACKEND && phase == Phase.ROLLBACK_AT_RELEASE;
        return fault.isSilence() || late || phase == Phase.CLOSING ? Limits.RELEASE_TIMEOUT : WELL;
    }

    /**
     * A bound is short only where it has to end a call, and where the server has a timeout of its own, it alone ends
     * anything: a machine may stand still for a second.
     */
    private ManagedConnection newManager() {
        long connectSeconds = fault.dawdles() ? WELL.toSeconds() : Limits.CONNECT_TIMEOUT_SECONDS;
        return ManagedConnection.builder(proxy.conninfo(World.USER, "postgres") + " connect_timeout=" + connectSeconds
                        + " options='" + fault.options() + "'")
                .acquireTimeout(acquireTimeout())
                .releaseTimeout(releaseTimeout())
                .maxLease(fault.isSilence() ? Limits.MAX_LEASE : WELL)
                .validateAfterIdle(Duration.ZERO)
                .verifyCommits(phase == Phase.DURING_VERIFIED_COMMIT)
                .sessionReset(phase == Phase.FULL_RESET_AT_RELEASE ? SessionReset.FULL : SessionReset.JDBC_SETTINGS)
                .build();
    }

    // --- the fault ----------------------------------------------------------------------------------------------

    /** Where the life of a lease has come to: if it is the phase, the fault comes now, or in the next call. */
    void at(Phase reached) {
        if (reached != phase) {
            return;
        }
        Strike strike = line -> {
            clock.struck();
            try {
                fault.strike(line, phase, world);
            } finally {
                strikeIsOver.complete(true);
            }
        };
        Optional<Moment> moment = phase.moment(fault);
        if (moment.isPresent()) {
            proxy.strikeAt(moment.get(), strike);
        } else {
            proxy.strike(strike);
        }
    }

    // --- the life of a lease ------------------------------------------------------------------------------------

    /** Lives through the fault. Returns what the thread was told that it struck. */
    String live() throws Exception {
        aSessionThatHasWorked();
        String told = switch (phase) {
            case WAITING -> waiting();
            case CLOSING -> closing();
            default -> inTime(Elsewhere.call(worker(this::at)));
        };
        assertThat(clock.hasStruck()).as("the fault has struck").isTrue();
        clock.check();
        return told;
    }

    private void aSessionThatHasWorked() throws Exception {
        try (Lease lease = manager.acquire(WELL)) {
            Sql.execute(lease, "SELECT 1");
            lease.commit();
        }
        if (phase.opens()) {
            manager.reset();
            world.awaitSessions("before the opening", 0);
        }
    }

    private Worker worker(Worker.Visitor visitor) {
        return new Worker(manager, operations, clock, fault, phase, visitor);
    }

    /** The fault strikes when one thread is in a transaction and another one waits. */
    private String waiting() throws Exception {
        AtomicReference<CompletableFuture<String>> second = new AtomicReference<>();
        String first = inTime(Elsewhere.call(worker(reached -> {
            if (reached == Phase.BEFORE_COMMIT) {
                second.set(Elsewhere.call(worker(nothing -> {})));
                Awaitility.await("a thread that waits")
                        .until(() -> manager.stats().waiting() == 1);
                at(Phase.WAITING);
            }
        })));
        String then = inTime(second.get());
        return first.equals(then) ? then : "holder " + first + ", then " + then;
    }

    /** The manager is closed while a thread is in a transaction. */
    private String closing() throws Exception {
        return inTime(Elsewhere.call(worker(reached -> {
            if (reached == Phase.BEFORE_COMMIT) {
                at(Phase.CLOSING);
                inTime(Elsewhere.call(() -> {
                    clock.run(Call.CLOSE, manager::close);
                    return true;
                }));
            }
        })));
    }

    private static <T> T inTime(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(Limits.HANGING.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            AssertionError hanging = new AssertionError("A thread hangs: " + stacks(), e);
            future.completeExceptionally(hanging); // whoever waits for it goes on
            throw hanging;
        }
    }

    /** Where the threads of this package are. */
    private static String stacks() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().startsWith(Cell.class.getPackageName())))
                .map(thread -> thread.getKey() + " at "
                        + Arrays.stream(thread.getValue())
                                .map(StackTraceElement::toString)
                                .collect(Collectors.joining("\n\tat ")))
                .collect(Collectors.joining("\n"));
    }

    // --- afterwards ---------------------------------------------------------------------------------------------

    /** When the server is well again, the next lease works, and what everybody was told is true. */
    void recover() throws Exception {
        endFault();
        if (phase == Phase.CLOSING) {
            world.awaitSessions("after the end of a manager", 0);
            manager = newManager();
        }
        if (fault == Fault.READ_ONLY) {
            awaitWritable();
        }
        if (phase == Phase.DURING_VERIFIED_COMMIT) {
            settle();
        }
        long id = Operations.next();
        try (Lease lease = manager.acquire(WELL)) {
            Sql.execute(lease, "INSERT INTO operation VALUES (" + id + ", 0)");
            lease.commit();
        }
        operations.committed(id);
        world.awaitSessions("of one manager", 1);
        try (Connection connection = world.server().connect()) {
            operations.check(connection);
        }
    }

    /** When all other sessions have ended, and before anybody else is given the ID that a crash has forgotten. */
    private void settle() throws SQLException {
        manager.useTransaction(lease -> Sql.execute(lease, "SELECT 1"));
        world.awaitSessions("of one manager", 1);
        operations.settle(manager, fault.isCrash());
    }

    private void endFault() throws Exception {
        if (clock.hasStruck()) {
            inTime(strikeIsOver);
        }
        world.endNow();
        fault.heal(world);
        proxy.heal();
        world.server().awaitReady();
    }

    /** A process of the server hears of a new setting when it gets to it. */
    private void awaitWritable() {
        Awaitility.await("a session that may write")
                .until(
                        () -> manager.withConnection(lease -> {
                            String setting = Sql.ask(lease, "SHOW default_transaction_read_only");
                            lease.rollback();
                            return setting;
                        }),
                        "off"::equals);
    }

    /** Nobody has noticed anything. */
    void checkUndisturbed() {
        if (phase != Phase.CLOSING) {
            assertThat(manager.stats().closed()).as("sessions lost").isEqualTo(phase.opens() ? 1 : 0);
        }
    }

    Duration longest() {
        return clock.longest();
    }

    /** Whatever happened, nothing of this cell is left for the next one. */
    @Override
    public void close() throws Exception {
        try {
            endFault();
            manager.close();
            world.awaitSessions("after the end of a manager", 0);
        } finally {
            proxy.close();
            world.server().execute("TRUNCATE operation");
        }
    }
}
