package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** One thread: it does what the plan says, and enters what it is told into the ledger. */
final class Citizen implements Runnable {
    /** What the faults and the bad citizens bring about, by class of SQLState. */
    private static final List<String> PROVOKED = List.of("08", "57P", "57014", "40000", "25000", "53300");

    private static final int REMEMBERED = 5;

    private final Plan.Course course;
    private final List<Desk> desks;
    private final AtomicLong ids;
    private final Ledger ledger;
    private final Findings findings;
    private final BooleanSupplier goOn;

    /** The latest operations, for messages. */
    private final Deque<String> before = new ArrayDeque<>();

    Citizen(
            Plan.Course course,
            List<Desk> desks,
            AtomicLong ids,
            Ledger ledger,
            Findings findings,
            BooleanSupplier goOn) {
        this.course = course;
        this.desks = desks;
        this.ids = ids;
        this.ledger = ledger;
        this.findings = findings;
        this.goOn = goOn;
    }

    @Override
    public void run() {
        while (goOn.getAsBoolean()) {
            Plan.Step step = course.next();
            Thread.interrupted(); // each operation begins without
            operate(step, new Turn(desks.get(step.desk()), ids.incrementAndGet(), step, findings));
        }
    }

    private void operate(Plan.Step step, Turn turn) {
        String end = "done";
        long begun = System.nanoTime();
        try {
            step.deed().act(turn);
        } catch (CommitOutcomeUnknownException e) {
            turn.unknown(e);
            end = told(e);
        } catch (SQLException e) {
            end = told(e);
            if (!isProvoked(e)) {
                findings.anomaly(
                        "operation " + turn.id() + ", " + step.deed() + ", was told something strange, after " + before,
                        e);
            }
        } catch (Throwable e) {
            end = e.toString();
            findings.anomaly("operation " + turn.id() + ", " + step.deed() + ", ended strangely, after " + before, e);
        }
        findings.count("deed " + step.deed());
        findings.count("said " + turn.said());
        String story = step.deed() + " at " + turn.desk().name() + ", begun at " + begun / 1_000_000 + " for "
                + (System.nanoTime() - begun) / 1_000_000 + " ms, " + end;
        before.add(story);
        if (before.size() > REMEMBERED) {
            before.remove();
        }
        ledger.enter(turn.id(), new Ledger.Entry(turn.parts(), turn.said(), CommitOutcome.UNKNOWN, story));
        turn.unknownOutcome().ifPresent(e -> ledger.askLater(new Ledger.Open(turn.id(), turn.desk(), e)));
    }

    /** No fault lasts as long as people are ready to wait. */
    private static boolean isProvoked(SQLException e) {
        return !(e instanceof AcquireTimeoutException)
                && PROVOKED.stream().anyMatch(String.valueOf(e.getSQLState())::startsWith);
    }

    private String told(SQLException e) {
        findings.count("told " + e.getSQLState() + " "
                + (e instanceof AcquireTimeoutException
                        ? "(timeout)"
                        : e.getClass().getSimpleName()));
        return e.toString();
    }
}
