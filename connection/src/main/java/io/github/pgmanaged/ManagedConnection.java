package io.github.pgmanaged;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.lease.LeaseDataSource;
import io.github.pgmanaged.internal.lease.Leasing;
import io.github.pgmanaged.internal.lease.VerifiedTransaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL connection that many threads share, with exclusive access, and that is never handed over with a
 * transaction in progress.
 *
 * <p>Building a manager connects nothing. The first lease opens the session, and so does every lease that finds it
 * closed. One lease is out at a time; other threads wait for it in the order of coming (a thread that comes while it is
 * free may pass those who wait, until the first of them has waited five milliseconds). A lease that is let go with a
 * transaction open has it rolled back, whoever began it and however, and its holder is told by an
 * {@link OpenTransactionException}. What "open" means is asked of the server (its ReadyForQuery messages), and not of a
 * flag in the driver.
 *
 * <pre>{@code
 * try (ManagedConnection manager = ManagedConnection.of("postgres://localhost/postgres")) {
 *     int one = manager.inTransaction(connection -> {
 *         try (var statement = connection.createStatement();
 *                 var rows = statement.executeQuery("SELECT 1")) {
 *             rows.next();
 *             return rows.getInt(1);
 *         }
 *     });
 * }
 * }</pre>
 *
 * <p>Thread safety: safe; it is made to be shared.
 */
public final class ManagedConnection implements AutoCloseable {
    private final Options options;
    private final Leasing leasing;
    private final DataSource dataSource;

    private ManagedConnection(Options options) {
        this.options = options;
        this.leasing = new Leasing(options);
        this.dataSource = new LeaseDataSource(leasing, options.acquireTimeout(), this);
    }

    /**
     * A manager with default options. Nothing is connected.
     *
     * @param conninfo a libpq connection string: a URI ({@code postgres://localhost/a}) or keywords and values
     *     ({@code host=localhost dbname=a}); or a {@code jdbc:postgresql:} URL
     * @return a new manager
     * @throws InvalidConnInfoException if the string is malformed, or sets something that cannot be honoured
     */
    public static ManagedConnection of(String conninfo) {
        return builder(conninfo).build();
    }

    /**
     * A builder for a manager of the server that a connection string names.
     *
     * @param conninfo a libpq connection string: a URI ({@code postgres://localhost/a}) or keywords and values
     *     ({@code host=localhost dbname=a}); or a {@code jdbc:postgresql:} URL
     * @return a new builder
     * @throws InvalidConnInfoException if the string is malformed, or sets something that cannot be honoured
     */
    public static Builder builder(String conninfo) {
        ConnInfo parsed = ConnInfo.parse(conninfo);
        return new Builder(parsed.toString(), new LibpqDataSource(parsed));
    }

    /**
     * A builder for a manager that gets its sessions from a data source.
     *
     * @param source gives connections of pgjdbc's, or such that unwrap to one; it is asked at every opening
     * @return a new builder
     */
    public static Builder builder(DataSource source) {
        if (source == null) {
            throw new IllegalArgumentException("source: must not be null");
        }
        String name = source.getClass().getSimpleName();
        return new Builder(name.isEmpty() ? "a data source" : name, source);
    }

    // --- leases -------------------------------------------------------------------------------------------------

    /**
     * Waits for the lease, at most for {@code acquireTimeout}. The session is opened if it is closed.
     *
     * @return the lease; close it
     * @throws AcquireTimeoutException if it did not become free in time
     * @throws AcquireInterruptedException if the thread was interrupted while it waited; its interrupt flag is set
     * @throws AcquireRejectedException if {@code maxWaiting} threads wait already
     * @throws ReentrantAcquireException if this thread acquired the live lease
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     */
    public Lease acquire() throws SQLException {
        return acquire(options.acquireTimeout());
    }

    /**
     * Waits for the lease, at most for a given time. The session is opened if it is closed.
     *
     * @param timeout how long to wait; zero does not wait
     * @return the lease; close it
     * @throws AcquireTimeoutException if it did not become free in time
     * @throws AcquireInterruptedException if the thread was interrupted while it waited; its interrupt flag is set
     * @throws AcquireRejectedException if {@code maxWaiting} threads wait already
     * @throws ReentrantAcquireException if this thread acquired the live lease
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     * @throws IllegalArgumentException if the timeout is null or negative
     */
    public Lease acquire(Duration timeout) throws SQLException {
        return leasing.acquire(Builder.notNegative("timeout", timeout), options.autoCommit());
    }

    /**
     * Takes the lease if it is free. It never waits for another lease; opening a closed session takes its time.
     *
     * @return the lease, to be closed; or nothing if somebody has it
     * @throws ReentrantAcquireException if this thread acquired the live lease
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     */
    public Optional<Lease> tryAcquire() throws SQLException {
        return Optional.ofNullable(leasing.tryAcquire(options.autoCommit()));
    }

    // --- work ---------------------------------------------------------------------------------------------------

    /**
     * Runs work on a lease. The work ends its transaction itself.
     *
     * @param work what to do
     * @param <R> the result's type
     * @param <X> what the work may throw beside {@link SQLException}
     * @return the work's result
     * @throws OpenTransactionException if the work returned with a transaction open; it has been rolled back
     * @throws SQLException as {@link #acquire()} does, and as the work does
     * @throws X what the work has thrown, as it is: a transaction left open has been rolled back, and trouble with that
     *     is suppressed onto it
     */
    public <R extends @Nullable Object, X extends Exception> R withConnection(Work<R, X> work) throws SQLException, X {
        Objects.requireNonNull(work, "work");
        return leasing.acquire(options.acquireTimeout(), options.autoCommit()).use(work);
    }

    /**
     * Runs work that has no result on a lease. The work ends its transaction itself.
     *
     * @param action what to do
     * @param <X> what the work may throw beside {@link SQLException}
     * @throws OpenTransactionException if the work returned with a transaction open; it has been rolled back
     * @throws SQLException as {@link #acquire()} does, and as the work does
     * @throws X what the work has thrown, as it is
     */
    public <X extends Exception> void useConnection(Action<X> action) throws SQLException, X {
        Objects.requireNonNull(action, "action");
        this.<Boolean, X>withConnection(connection -> {
            action.run(connection);
            return true;
        });
    }

    /**
     * Runs work in a transaction: committed when the work returns, rolled back when it throws.
     *
     * @param work what to do
     * @param <R> the result's type
     * @param <X> what the work may throw beside {@link SQLException}
     * @return the work's result
     * @throws java.sql.SQLTransactionRollbackException if the transaction had failed, so that it was rolled back
     * @throws CommitOutcomeUnknownException if the connection was lost during COMMIT, and the server could not say what
     *     became of the transaction, or was not to be asked ({@code verifyCommits})
     * @throws SQLException as {@link #acquire()} does, and as the work and the commit do
     * @throws X what the work has thrown, as it is
     */
    public <R extends @Nullable Object, X extends Exception> R inTransaction(Work<R, X> work) throws SQLException, X {
        Objects.requireNonNull(work, "work");
        FencedConnection lease = leasing.acquire(options.acquireTimeout(), false);
        if (!options.verifyCommits()) {
            return lease.use(connection -> {
                R result = work.run(connection);
                connection.commit();
                return result;
            });
        }
        VerifiedTransaction<R> transaction = new VerifiedTransaction<>(options.label());
        try {
            return lease.<R, X>use(connection -> transaction.run(connection, work));
        } catch (CommitOutcomeUnknownException e) {
            return transaction.verified(e, leasing);
        }
    }

    /**
     * Runs work that has no result in a transaction: committed when the work returns, rolled back when it throws.
     *
     * @param action what to do
     * @param <X> what the work may throw beside {@link SQLException}
     * @throws java.sql.SQLTransactionRollbackException if the transaction had failed, so that it was rolled back
     * @throws CommitOutcomeUnknownException if the connection was lost during COMMIT, and the server could not say what
     *     became of the transaction, or was not to be asked ({@code verifyCommits})
     * @throws SQLException as {@link #acquire()} does, and as the work and the commit do
     * @throws X what the work has thrown, as it is
     */
    public <X extends Exception> void useTransaction(Action<X> action) throws SQLException, X {
        Objects.requireNonNull(action, "action");
        this.<Boolean, X>inTransaction(connection -> {
            action.run(connection);
            return true;
        });
    }

    /**
     * Asks the server what became of a transaction whose COMMIT was never answered. {@link #inTransaction} asks by
     * itself; this is for a COMMIT of the caller's own, and for asking again later. It takes a lease.
     *
     * <p>"Committed" can be said only as long as the server has not crashed and no other one has taken its place since:
     * after that, the ID may belong to another transaction. "Rolled back" can still be said then.
     *
     * @param unknown the exception that the commit raised, with {@code verifyCommits} set
     * @return what the server says; {@link CommitOutcome#UNKNOWN} without a transaction ID
     * @throws SQLException as {@link #acquire()} does, and if the server cannot be asked
     */
    public CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown) throws SQLException {
        return leasing.outcomeOf(unknown);
    }

    // --- the manager --------------------------------------------------------------------------------------------

    /**
     * The manager for code that wants a {@link DataSource}. Each connection is a lease, by JDBC's convention with
     * autocommit on; so a second one in the same thread raises {@link ReentrantAcquireException}.
     *
     * @return the same object each time
     */
    public DataSource asDataSource() {
        return dataSource;
    }

    /**
     * The session's state. It never waits, even while a query runs.
     *
     * @return the server's last word, {@code ACTIVE} while a call is under way, or {@code CLOSED}
     */
    public TransactionStatus status() {
        return leasing.status();
    }

    /**
     * Whether a session is open now, as far as can be known without asking the server. It never waits.
     *
     * @return whether the session is open
     */
    public boolean isOpen() {
        return leasing.isOpen();
    }

    /**
     * Closes the session: at once if nobody holds the lease, else when it is released. The next lease opens a new one.
     */
    public void reset() {
        leasing.reset();
    }

    /**
     * What the manager has done so far.
     *
     * @return a snapshot
     */
    public Stats stats() {
        return new Stats(leasing.counts());
    }

    /**
     * Gives out no more leases and closes the session. Threads that wait are told at once (SQLState 08003). A holder
     * has {@code releaseTimeout} to finish; then its lease is revoked and the session aborted, so that the server rolls
     * back. It does not wait if this thread is interrupted, or acquired the live lease and would wait for itself. The
     * second call and each later one do nothing.
     */
    @Override
    public void close() {
        leasing.close();
    }

    /** For example {@code ManagedConnection[postgres:///postgres, closed]}; passwords are never part of it. */
    @Override
    public String toString() {
        String label = options.label();
        return label.substring(0, label.length() - 1) + ", "
                + status().name().toLowerCase(Locale.ROOT).replace('_', ' ') + "]";
    }

    /**
     * Collects a manager's options. Each has a default that suits many threads with short work.
     *
     * <p>Thread safety: none; the manager that it builds is independent of it.
     */
    public static final class Builder {
        private final Options.Draft draft;

        private Builder(String target, DataSource source) {
            this.draft = new Options.Draft(target, source);
        }

        /**
         * A name for messages and logs.
         *
         * @param name not empty; none by default
         * @return this builder
         * @throws IllegalArgumentException if it is null or blank
         */
        public Builder name(String name) {
            if (name == null || name.isBlank()) {
                throw new IllegalArgumentException("name: must not be null or blank");
            }
            draft.name = name;
            return this;
        }

        /**
         * Whether a lease begins with autocommit on.
         *
         * @param autoCommit {@code false} by default, as in psycopg2
         * @return this builder
         */
        public Builder autoCommit(boolean autoCommit) {
            draft.autoCommit = autoCommit;
            return this;
        }

        /**
         * How long an acquisition may take: to wait for the lease, to open the session, and to ask whether it is sound.
         * The first opening of a manager fails at once if it fails. Later ones are tried again while the server cannot
         * be reached, is starting or is full, after pauses of 25 milliseconds to one second.
         *
         * @param timeout 30 seconds by default; zero does not wait for another lease, and opens once
         * @return this builder
         * @throws IllegalArgumentException if it is null or negative
         */
        public Builder acquireTimeout(Duration timeout) {
            draft.acquireTimeout = notNegative("acquireTimeout", timeout);
            return this;
        }

        /**
         * How long a release may take to cancel, roll back and restore, and how long {@link ManagedConnection#close()}
         * waits for the holder. After that the session is aborted.
         *
         * @param timeout 5 seconds by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder releaseTimeout(Duration timeout) {
            draft.releaseTimeout = positive("releaseTimeout", timeout);
            return this;
        }

        /**
         * After how long without a lease the next one asks the server whether it is still there, which takes a round
         * trip. If it is not, a new session is opened, and the lease's holder notices nothing.
         *
         * @param idle 500 milliseconds by default; zero asks each time
         * @return this builder
         * @throws IllegalArgumentException if it is null or negative
         */
        public Builder validateAfterIdle(Duration idle) {
            draft.validateAfterIdle = notNegative("validateAfterIdle", idle);
            return this;
        }

        /**
         * How many threads may wait for the lease at once. More are refused with {@link AcquireRejectedException}.
         *
         * @param threads unbounded by default; zero lets nobody wait
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder maxWaiting(int threads) {
            if (threads < 0) {
                throw new IllegalArgumentException("maxWaiting: must not be negative: " + threads);
            }
            draft.maxWaiting = threads;
            return this;
        }

        /**
         * What a database error does to the session.
         *
         * @param rule {@link DatabaseErrors#RESET_UNLESS_HEALTHY} by default
         * @return this builder
         * @throws IllegalArgumentException if it is null
         */
        public Builder databaseErrors(DatabaseErrors rule) {
            if (rule == null) {
                throw new IllegalArgumentException("databaseErrors: must not be null");
            }
            draft.databaseErrors = rule;
            return this;
        }

        /**
         * When those who wait for a lease log a warning about the one that is out: who holds it, for how long, its last
         * statement, and where its thread is. It is repeated when that time has doubled. If nobody waits, nobody warns.
         *
         * @param held 10 seconds by default; zero never warns
         * @return this builder
         * @throws IllegalArgumentException if it is null or negative
         */
        public Builder slowLeaseWarning(Duration held) {
            draft.slowLeaseWarning = notNegative("slowLeaseWarning", held);
            return this;
        }

        /**
         * How long a lease may be held. After that its statement is cancelled, the lease is revoked (its handles raise
         * {@link LeaseReleasedException}), its session is closed and the next lease opens another. The server rolls
         * back what was open. It takes a background thread.
         *
         * @param held as long as one likes by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder maxLease(Duration held) {
            draft.maxLease = positive("maxLease", held);
            return this;
        }

        /**
         * How long a lease may be held without making a call. After that it is revoked like one that exceeds
         * {@link #maxLease}; one that works is left alone, however long it works. It is noticed up to a quarter of the
         * time later. It takes a background thread.
         *
         * @param idle as long as one likes by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder leaseIdleTimeout(Duration idle) {
            draft.leaseIdleTimeout = positive("leaseIdleTimeout", idle);
            return this;
        }

        /**
         * How long a session may live before it is replaced, between two leases. It is made up to a tenth shorter, by
         * chance, so that many sessions of one start do not end all at once.
         *
         * @param lifetime for ever by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder maxLifetime(Duration lifetime) {
            draft.maxLifetime = positive("maxLifetime", lifetime);
            return this;
        }

        /**
         * After how long without a lease the session is closed, which gives its slot back to the server. The next lease
         * opens a new one. It takes a background thread.
         *
         * @param idle never by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder idleTimeout(Duration idle) {
            draft.idleTimeout = positive("idleTimeout", idle);
            return this;
        }

        /**
         * What a release clears of the session.
         *
         * @param reset {@link SessionReset#JDBC_SETTINGS} by default
         * @return this builder
         * @throws IllegalArgumentException if it is null
         */
        public Builder sessionReset(SessionReset reset) {
            if (reset == null) {
                throw new IllegalArgumentException("sessionReset: must not be null");
            }
            draft.sessionReset = reset;
            return this;
        }

        /**
         * Whether to ask for a transaction's ID before {@code commit()}, which takes a round trip. If the answer to a
         * COMMIT is then lost, {@link ManagedConnection#inTransaction} asks the server what became of the transaction,
         * on a new session, for {@code acquireTimeout} at most: if it is committed, the work's result is returned; if
         * it is rolled back, a {@link java.sql.SQLTransactionRollbackException} says so. Without a lambda,
         * {@link ManagedConnection#outcomeOf} asks. A COMMIT in SQL is not verified. Needs PostgreSQL 13.
         *
         * @param verify {@code false} by default
         * @return this builder
         */
        public Builder verifyCommits(boolean verify) {
            draft.verifyCommits = verify;
            return this;
        }

        /**
         * What is done with each new session before its first lease, with autocommit on. The settings that it leaves
         * are the baseline to which later leases return. If it throws or leaves a transaction open, the opening fails
         * and the session is closed.
         *
         * @param hook none by default; it must not keep the connection
         * @return this builder
         * @throws IllegalArgumentException if it is null
         */
        public Builder onOpen(Action<? extends Exception> hook) {
            if (hook == null) {
                throw new IllegalArgumentException("onOpen: must not be null");
            }
            draft.onOpen = hook;
            return this;
        }

        /**
         * Builds the manager. Nothing is connected.
         *
         * @return a new manager
         */
        public ManagedConnection build() {
            return new ManagedConnection(new Options(draft));
        }

        private static Duration positive(String option, Duration duration) {
            if (notNegative(option, duration).isZero()) {
                throw new IllegalArgumentException(option + ": must not be zero");
            }
            return duration;
        }

        static Duration notNegative(String option, Duration duration) {
            if (duration == null) {
                throw new IllegalArgumentException(option + ": must not be null");
            }
            if (duration.isNegative()) {
                throw new IllegalArgumentException(option + ": must not be negative: " + duration);
            }
            return duration;
        }
    }
}
