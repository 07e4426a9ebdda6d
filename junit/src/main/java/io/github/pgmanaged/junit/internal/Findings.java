package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.TransactionStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What is said of each kind of finding: what happened, what came of it, what to change. */
final class Findings {
    private Findings() {}

    static Finding secondInThread(@Nullable Sight holder, List<StackTraceElement> wanted) {
        Finding.Draft draft = new Finding.Draft("A second connection was wanted by a thread that has one.")
                .stack("Thread \"" + name(Thread.currentThread()) + "\" wanted another", wanted);
        if (holder != null) {
            draft.stack("while it has the one that it acquired", holder.acquiredAt())
                    .line(holder.text() + ".");
        }
        return draft.line("It got a ReentrantAcquireException; in a pool of one it would wait for itself, and in a pool"
                        + " of n as soon as n threads do this at once.")
                .line("Use the first connection, or close it before another is asked for.")
                .done();
    }

    static Finding holderWaits(Waiting waiting, long nanos, boolean inVain, Sight holder) {
        return wantedByOther(
                        "A second connection was wanted by a thread while the holder of the one waits itself.",
                        waiting,
                        nanos,
                        inVain,
                        holder)
                .line("If the holder waits for that thread, neither goes on until one gives up.")
                .line("Hand the connection to the thread that works for its holder, or close it before waiting.")
                .done();
    }

    static Finding tooLong(Waiting waiting, long nanos, Sight holder) {
        return wantedByOther(
                        "A connection could not be had in time, though its holder was at work.",
                        waiting,
                        nanos,
                        true,
                        holder)
                .line("Hold the connection for less time; or give the test more, with acquireTimeout.")
                .done();
    }

    private static Finding.Draft wantedByOther(
            String title, Waiting waiting, long nanos, boolean inVain, Sight holder) {
        return new Finding.Draft(title)
                .stack(
                        "Thread \"" + name(waiting.thread) + "\" waited for " + TimeUnit.NANOSECONDS.toMillis(nanos)
                                + " ms" + (inVain ? ", in vain" : "") + ":",
                        waiting.stack)
                .line(holder.text() + ".")
                .stack("It was", holder.stack())
                .stack("and had acquired the connection", holder.acquiredAt());
    }

    static Finding openTransaction(
            OpenTransactionException report, @Nullable Leased lease, List<StackTraceElement> closedAt) {
        Finding.Draft draft = new Finding.Draft("A connection was closed with a transaction open.")
                .line(
                        report.statement() == null
                                ? "What began the transaction did not go through the connection."
                                : "Thread \"" + report.thread() + "\" began the transaction with: "
                                        + report.statement())
                .line("It was open for " + report.openFor().toMillis() + " ms"
                        + (report.status() == TransactionStatus.IN_ERROR ? ", and had failed" : "")
                        + "; it was rolled back.")
                .stack("Closed", closedAt);
        if (lease != null) {
            draft.stack("Acquired by thread \"" + name(lease.thread) + "\"", lease.stack);
        }
        return draft.line("Call commit() or rollback() before close(), also where an exception leads past them.")
                .done();
    }

    static Finding neverClosed(Leased lease, @Nullable Sight holder) {
        Finding.Draft draft = new Finding.Draft("A connection was never closed.")
                .stack("Thread \"" + name(lease.thread) + "\" acquired it", lease.stack);
        if (holder != null) {
            draft.line(holder.text() + ".");
        }
        return draft.line("It was taken away; what was not committed is rolled back.")
                .line("Close connections in try-with-resources.")
                .done();
    }

    static Finding otherSessions(List<String> sessions) {
        Finding.Draft draft = new Finding.Draft(
                sessions.size() == 1
                        ? "Another session of this database was opened beside the one connection."
                        : sessions.size() + " other sessions of this database were opened beside the one connection.");
        sessions.forEach(draft::line);
        return draft.line("If they are the application's, have it take its connections from the DataSource.")
                .done();
    }

    private static String name(Thread thread) {
        return thread.getName().isEmpty() ? "#" + thread.getId() : thread.getName();
    }
}
