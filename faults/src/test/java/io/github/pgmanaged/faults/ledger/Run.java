package io.github.pgmanaged.faults.ledger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.DatabaseErrors;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.listen.Sender;
import io.github.pgmanaged.faults.programs.Sql;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** A run: citizens, listeners, faults, and the audit at the end. */
final class Run {
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration NOBODY_HANGS = Duration.ofSeconds(90);

    /** Beyond the timeout: two processors, and a server that is paused and killed. */
    private static final Duration SLACK = Duration.ofSeconds(5);

    private static final int ASKED_AT_THE_END = 200;

    /** How much longer it may last until each kind of deed, fault and answer has come. */
    private static final Duration UNTIL_ALL_HAS_COME = Duration.ofMinutes(2);

    private final Plan plan;
    private final Duration time;
    private final int threads;
    private final Consumer<String> progress;
    private final Findings findings = new Findings();
    private final Ledger ledger = new Ledger();
    private final AtomicLong ids = new AtomicLong();
    private volatile boolean stopped;

    Run(Plan plan, Duration time, int threads, Consumer<String> progress) {
        this.plan = plan;
        this.time = time;
        this.threads = threads;
        this.progress = progress;
    }

    Findings findings() {
        return findings;
    }

    Ledger ledger() {
        return ledger;
    }

    /** All of it. The product logs each abandoned lease as an error, and there are many. */
    void run() throws Exception {
        Logger log = (Logger) LoggerFactory.getLogger(ManagedConnection.class);
        Level before = log.getLevel();
        log.setLevel(Level.OFF);
        try {
            work();
        } finally {
            log.setLevel(before);
        }
        if (findings.longestWaitNanos() > Desk.ACQUIRE_TIMEOUT.plus(SLACK).toNanos()) {
            findings.anomaly("somebody waited for a lease for " + millis(findings.longestWaitNanos()) + " ms");
        }
    }

    private void work() throws Exception {
        List<Desk> desks = new ArrayList<>();
        List<Thread> citizens = new ArrayList<>();
        try (Server server = Server.start()) {
            try (Connection witness = server.connect()) {
                Sql.execute(witness, "CREATE TABLE ledger (id bigint, part int)");
                Sql.execute(witness, Sender.TABLE);
            }
            Listeners listeners = null;
            try {
                openDesks(server, desks);
                listeners = new Listeners(server, desks);
                for (int i = 0; i < threads; i++) {
                    citizens.add(start(
                            i,
                            new Citizen(plan.courseOf(i, desks.size()), desks, ids, ledger, findings, this::goesOn)));
                }
                Sessions sessions = new Sessions(server, findings);
                letItHail(new Scene(server, desks, citizens), sessions);
                stopped = true;
                server.awaitReady();
                if (!join(citizens)) {
                    return; // what hangs is found; to go on would hang, too
                }
                everyDeskGoesOn(desks);
                askAgain();
                listeners.finish(findings);
                for (Desk desk : desks) {
                    desk.manager().close();
                }
                sessions.awaitNone();
            } finally {
                stopped = true;
                if (listeners != null) {
                    listeners.close();
                }
                for (Desk desk : desks) {
                    desk.close();
                }
            }
            try (Connection witness = server.connect()) {
                Audit.untruths(ledger.entries(), Audit.rows(witness)).forEach(findings::anomaly);
            }
        }
    }

    private boolean goesOn() {
        return !stopped;
    }

    private void openDesks(Server server, List<Desk> desks) throws IOException {
        desks.add(Desk.open("plain", server, findings, false, false, false, options -> options));
        desks.add(Desk.open("verified", server, findings, true, false, true, options -> options.verifyCommits(true)));
        desks.add(Desk.open("limited", server, findings, true, true, false, options -> options.verifyCommits(true)));
        desks.add(Desk.open(
                "strict",
                server,
                findings,
                false,
                false,
                true,
                options -> options.databaseErrors(DatabaseErrors.RESET_ALWAYS)
                        .maxLifetime(Duration.ofSeconds(2))
                        .idleTimeout(Duration.ofMillis(20))
                        .validateAfterIdle(Duration.ZERO)));
    }

    /** A fourth of them are virtual, where there is such a thing. */
    private static Thread start(int number, Citizen citizen) throws InterruptedException {
        if (number % 4 == 3 && Runtime.version().feature() >= 21) {
            try {
                return (Thread) Thread.class
                        .getMethod("startVirtualThread", Runnable.class)
                        .invoke(null, citizen);
            } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
                throw new LinkageError("no virtual threads", e);
            }
        }
        Thread thread = new Thread(citizen, "citizen " + number);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void letItHail(Scene scene, Sessions sessions) {
        Plan.Mishaps mishaps = plan.mishaps();
        long begun = System.nanoTime();
        long told = begun;
        while (isToGoOn(System.nanoTime() - begun) && findings.anomalies().isEmpty()) {
            LockSupport.parkNanos(STEP_NANOS * (1 + mishaps.random().nextInt(8)));
            Fault fault = mishaps.next();
            try {
                findings.count((fault.strike(scene, mishaps.random()) ? "fault " : "missed ") + fault);
                sessions.look();
            } catch (SQLException e) {
                findings.count("missed " + fault); // the witness has suffered from the last fault
            } catch (Exception e) {
                findings.anomaly("the fault " + fault + " itself went wrong", e);
            }
            if (System.nanoTime() - told > Duration.ofSeconds(10).toNanos()) {
                told = System.nanoTime();
                progress.accept((told - begun) / 1_000_000_000 + " s: " + line());
            }
        }
    }

    /** Until the time is over, and a slow machine has come to everything. */
    private boolean isToGoOn(long nanos) {
        return nanos < time.toNanos() || (nanos < time.plus(UNTIL_ALL_HAS_COME).toNanos() && !hasAllCome());
    }

    private boolean hasAllCome() {
        return Deed.all().stream().allMatch(deed -> findings.counted("deed " + deed) > 0)
                && Stream.of(Fault.values())
                        .allMatch(fault -> findings.counted("fault " + fault) + findings.counted("missed " + fault) > 0)
                && Stream.of(Said.values()).allMatch(said -> findings.counted("said " + said) > 0);
    }

    private boolean join(List<Thread> citizens) throws InterruptedException {
        long deadline = System.nanoTime() + NOBODY_HANGS.toNanos();
        boolean all = true;
        for (Thread citizen : citizens) {
            citizen.join(Math.max(1, millis(deadline - System.nanoTime())));
            if (citizen.isAlive()) {
                all = false;
                findings.anomaly(citizen + " hangs at " + Arrays.toString(citizen.getStackTrace()));
            }
        }
        return all;
    }

    private void everyDeskGoesOn(List<Desk> desks) {
        for (Desk desk : desks) {
            try {
                goOn(desk);
            } catch (SQLException e) {
                findings.anomaly("after all faults, " + desk.name() + " does not go on", e);
            }
        }
    }

    /** The last fault may have ended an idle session, and the first one who uses it is told so. */
    private void goOn(Desk desk) throws SQLException {
        try {
            useOnce(desk);
        } catch (SQLException e) {
            if (!Turn.isConnectionLoss(e) || e instanceof AcquireTimeoutException) {
                throw e;
            }
            findings.count("the first after all faults was told of the last one");
            useOnce(desk);
        }
    }

    private static void useOnce(Desk desk) throws SQLException {
        desk.manager().<SQLException>useTransaction(lease -> Sql.execute(lease, "SELECT 1"));
    }

    /** The server's later word on what was unknown. */
    private void askAgain() {
        ledger.open().values().stream().limit(ASKED_AT_THE_END).forEach(question -> {
            try {
                ledger.verdict(question.id(), question.desk().manager().outcomeOf(question.unknown()));
                findings.count("asked later");
            } catch (SQLException e) {
                findings.anomaly(
                        "without faults, the outcome of operation " + question.id() + " could not be asked", e);
            }
        });
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** How it stands, on one line. */
    String line() {
        StringBuilder line = new StringBuilder();
        for (Said said : Said.values()) {
            line.append(findings.counted("said " + said))
                    .append(' ')
                    .append(said)
                    .append(", ");
        }
        return line.append("longest wait ")
                .append(millis(findings.longestWaitNanos()))
                .append(" ms, anomalies ")
                .append(findings.anomalies().size())
                .toString();
    }

    /** How it ended. */
    String summary() {
        StringBuilder text = new StringBuilder(line()).append('\n');
        findings.counters()
                .forEach((what, count) -> text.append("  ")
                        .append(what)
                        .append(": ")
                        .append(count)
                        .append('\n'));
        findings.anomalies()
                .forEach(anomaly -> text.append("ANOMALY ").append(anomaly).append('\n'));
        return text.append(findings.anomalies().isEmpty() ? "The ledger is exact" : "The ledger is NOT exact")
                .append(" (")
                .append(plan)
                .append(')')
                .toString();
    }
}
