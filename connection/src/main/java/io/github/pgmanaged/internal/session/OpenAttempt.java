package io.github.pgmanaged.internal.session;

import io.github.pgmanaged.conninfo.internal.net.SocketOwner;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.time.Threads;
import io.github.pgmanaged.internal.time.Throwables;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * An attempt to open a session, on a thread of its own: nobody else's code (a data source, a name server, the
 * {@code onOpen} hook) can hold up the thread that waits for it. If it takes longer than that thread has, the session
 * is there for the next one.
 *
 * <p>Thread safety: safe.
 */
final class OpenAttempt implements SessionSetup.Stages {
    private static final int FRAMES_SHOWN = 4;

    private final Options options;
    private final Completion completion;
    private final Set<Thread> openingThreads;
    private final SocketOwner sockets = new SocketOwner();
    private final CompletableFuture<Result> result = new CompletableFuture<>();
    private final long begunAt = System.nanoTime();
    private final Thread thread;

    // Written by the thread that opens.
    private volatile String stage = "starting";
    private volatile boolean inForeignCode;
    private volatile long stageSince = begunAt;
    private volatile @Nullable Connection half;

    /** Whether a server that said nothing was given up. Written under the opener's lock. */
    private volatile boolean stallBroken;

    /** Set once nothing is left to connect or to close, and before a thread learns of it. A plain write cannot fail. */
    private volatile boolean over;

    /** Takes what comes of an attempt. */
    interface Completion {
        /**
         * The attempt has ended.
         *
         * @param opened the session, or null
         * @param failure what went wrong, or null
         * @return whether the session was taken; if not, nobody wants it
         */
        boolean ended(OpenAttempt attempt, @Nullable Session opened, @Nullable AttemptFailure failure);
    }

    /**
     * What has come of an attempt: one of the two. A failure is a result like any other, since a future that fails asks
     * the exception for its text, and takes one of its own kind for its own.
     */
    record Result(@Nullable Session session, @Nullable AttemptFailure failure) {}

    /**
     * An attempt that has not begun.
     *
     * @param openingThreads has the attempt's thread in it while it runs
     */
    OpenAttempt(Options options, Completion completion, Set<Thread> openingThreads) {
        this.options = options;
        this.completion = completion;
        this.openingThreads = openingThreads;
        // Foreign code looks for its classes where the thread that asked would.
        this.thread = Threads.daemon("open", Thread.currentThread().getContextClassLoader(), this::run);
    }

    /**
     * Begins.
     *
     * @throws OutOfMemoryError if no thread can be had
     */
    void start() {
        thread.start();
    }

    private void run() {
        try {
            openingThreads.add(thread);
            Session opened = null;
            AttemptFailure failure = null;
            try {
                opened = new SessionSetup(options, sockets, this).open();
            } catch (Throwable t) {
                stage("reading what was thrown, a " + t.getClass().getName(), true);
                failure = AttemptFailure.of(stallBroken ? afterStall(t) : t);
            }
            boolean taken = false;
            try {
                taken = completion.ended(this, opened, failure);
            } finally {
                if (!taken && opened != null) {
                    try {
                        opened.close();
                    } finally {
                        sockets.closeAll();
                    }
                }
            }
            over = true;
            if (failure != null || (taken && opened != null)) {
                result.complete(new Result(opened, failure));
            }
        } catch (Throwable t) {
            over = true;
            result.complete(new Result(null, AttemptFailure.unasked(t)));
        } finally {
            over = true;
            result.cancel(false); // does nothing if there is a result
            openingThreads.remove(thread);
        }
    }

    @Override
    public void stage(String doing, boolean foreign) {
        stage = doing;
        inForeignCode = foreign;
        stageSince = System.nanoTime();
    }

    @Override
    public void connected(Connection connection) {
        half = connection;
        if (result.isCancelled()) {
            abortHalf(connection);
        }
    }

    /** Nanoseconds since it began. */
    long age(long now) {
        return now - begunAt;
    }

    /** Whether it has ended, in whatever way. */
    boolean isOver() {
        return over || (result.isDone() && !result.isCancelled());
    }

    /** Whether what it connected is placed, or closed. */
    boolean hasEnded() {
        return over || thread.getState() == Thread.State.TERMINATED;
    }

    /** How long ago it last came a step further: a stage, a socket, an answer. */
    long stalledFor(long now) {
        long step = stageSince;
        if (!sockets.isEmpty()) {
            step = Math.max(step - now, sockets.lastProgressNanos() - now) + now;
        }
        return now - step;
    }

    /** Whether it runs code that is not ours, which may take its time and gives no sign. */
    boolean isInForeignCode() {
        return inForeignCode;
    }

    /**
     * Breaks off what waits for a server that says nothing, so that the attempt goes on to the next address, or fails.
     *
     * @return whether there was something to break off
     */
    boolean breakStall() {
        if (sockets.isEmpty() || inForeignCode) {
            return false;
        }
        stageSince = System.nanoTime();
        stallBroken = true;
        sockets.closeOpen();
        return true;
    }

    private SQLException afterStall(Throwable failure) {
        return new SQLTransientConnectionException(
                "A server of " + options.label() + " said nothing for so long that it was given up; set"
                        + " connect_timeout to bound the attempts: " + Throwables.message(failure),
                "08001",
                failure);
    }

    /**
     * Waits for what comes of it.
     *
     * @throws TimeoutException if it is not there in time; the attempt goes on
     * @throws java.util.concurrent.CancellationException if the attempt was abandoned
     */
    Result await(long timeoutNanos) throws InterruptedException, TimeoutException {
        try {
            return result.get(timeoutNanos, TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // does not happen
        }
    }

    /**
     * A failure as the thread that wanted the session throws it.
     *
     * @return an SQLException
     * @throws RuntimeException or Error, if that is what it is
     */
    static SQLException thrown(AttemptFailure failure) {
        if (failure.error() instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure.error() instanceof Error error) {
            throw error;
        }
        SQLException thrown = failure.asSqlException();
        askedForHere(thrown);
        return thrown;
    }

    /**
     * Another thread made the exception; its stack should lead to the thread that wanted the session, too. Only
     * pgjdbc's own, which is fresh each time, and once: another may be the same object again and again.
     */
    private static void askedForHere(SQLException failure) {
        if (failure.getClass() != PSQLException.class) {
            return;
        }
        StackTraceElement[] there = failure.getStackTrace();
        StackTraceElement[] here = new Throwable().getStackTrace();
        if (here.length == 0 || Arrays.asList(there).contains(here[0])) {
            return;
        }
        StackTraceElement[] both = Arrays.copyOf(there, there.length + here.length);
        System.arraycopy(here, 0, both, there.length, here.length);
        failure.setStackTrace(both);
    }

    /** Nobody wants the session any more: its sockets are closed at once, and so is what comes of it. */
    void abandon() {
        result.cancel(false);
        sockets.closeAll();
        Connection known = half;
        if (known != null) {
            abortHalf(known);
        }
    }

    /** Foreign code, perhaps; and this thread may be one that must not block. */
    private void abortHalf(Connection connection) {
        if (sockets.isEmpty()) {
            Threads.detach("abort", () -> {
                try {
                    connection.abort(Runnable::run);
                } catch (SQLException e) { // it is being closed anyway, by the thread that opens it
                    return;
                }
            });
        }
    }

    /** What it is doing and where, for a message. */
    String describe() {
        StackTraceElement[] stack = thread.getStackTrace();
        String where =
                Arrays.stream(stack).limit(FRAMES_SHOWN).map(Threads::shown).collect(Collectors.joining(" < "));
        return "thread \"" + Threads.name(thread) + "\" has been " + stage + " for "
                + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - stageSince) + " ms"
                + (where.isEmpty() ? "" : " (" + thread.getState() + " at " + where + ")");
    }
}
