package io.github.pgmanaged;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.jmx.Registration;
import io.github.pgmanaged.internal.lease.LeaseDataSource;
import io.github.pgmanaged.internal.lease.Leasing;
import io.github.pgmanaged.internal.lease.OwningDataSource;
import io.github.pgmanaged.internal.lease.VerifiedTransaction;
import io.github.pgmanaged.internal.listen.ChannelName;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL connection, shared by many threads. Each lease is exclusive and starts outside a transaction.
 *
 * <p>Building a manager opens no connection. The first lease opens the session, and so does every lease that finds it
 * closed. One lease is live at a time; other threads block, in the order in which they came. (A thread that comes while
 * the lease is free may overtake the waiting ones, until the first of them has waited 5 milliseconds, or half a
 * millisecond if more than 16 wait.) Releasing a lease with an open transaction rolls the transaction back, however it
 * began, and raises an {@link OpenTransactionException}. The transaction status is the server's (its ReadyForQuery
 * messages), not a flag of the driver.
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
 * <p>Thread safety: safe, and meant to be shared.
 */
public final class ManagedConnection implements AutoCloseable {
    private final Options options;
    private final Leasing leasing;
    private final DataSource dataSource;
    private final Runnable unregister;

    private ManagedConnection(Options options) {
        this.options = options;
        this.leasing = new Leasing(options);
        this.dataSource = new LeaseDataSource(leasing, options.acquireTimeout(), options.dataSourceAutoCommit(), this);
        this.unregister = options.registerMBean() ? Registration.of(options, leasing) : () -> {};
    }

    /**
     * A manager with default options. It opens no connection yet.
     *
     * @param conninfo a libpq connection string: a URI ({@code postgres://localhost/a}) or keywords and values
     *     ({@code host=localhost dbname=a}); either of them after {@code jdbc:libpq:}, too; or a
     *     {@code jdbc:postgresql:} URL
     * @return a new manager
     * @throws InvalidConnInfoException if the string is malformed, or has a setting that cannot take effect
     */
    public static ManagedConnection of(String conninfo) {
        return builder(conninfo).build();
    }

    /**
     * A {@link DataSource} of a manager with default options, and of nobody else's: closing it closes the manager. It
     * opens no connection yet. {@link Builder#buildDataSource()} is the same with options.
     *
     * @param conninfo a libpq connection string: a URI ({@code postgres://localhost/a}) or keywords and values
     *     ({@code host=localhost dbname=a}); either of them after {@code jdbc:libpq:}, too; or a
     *     {@code jdbc:postgresql:} URL
     * @return a new data source; the caller closes it
     * @throws InvalidConnInfoException if the string is malformed, or has a setting that cannot take effect
     */
    public static ManagedDataSource dataSource(String conninfo) {
        return builder(conninfo).buildDataSource();
    }

    /**
     * A builder for a manager that connects as a connection string says.
     *
     * @param conninfo a libpq connection string: a URI ({@code postgres://localhost/a}) or keywords and values
     *     ({@code host=localhost dbname=a}); either of them after {@code jdbc:libpq:}, too; or a
     *     {@code jdbc:postgresql:} URL
     * @return a new builder
     * @throws InvalidConnInfoException if the string is malformed, or has a setting that cannot take effect
     */
    public static Builder builder(String conninfo) {
        ConnInfo parsed = ConnInfo.parse(conninfo);
        LibpqDataSource source = new LibpqDataSource(parsed);
        Builder builder = new Builder(parsed.toString(), source);
        builder.own = source;
        return builder;
    }

    /**
     * A builder for a manager that takes its sessions from a data source. A source that is a pool gets a sound session
     * back open, with the autocommit that it gave, when the manager is closed or its {@code idleTimeout} is over,
     * unless an {@code onOpen} hook has changed it. Any other session is closed before the pool learns of it.
     *
     * @param source returns pgjdbc's connections, or connections that unwrap to one; called at every opening
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
     * Acquires the lease; blocks for {@code acquireTimeout} at most. Opens the session if it is closed.
     *
     * @return the lease; the caller closes it
     * @throws AcquireTimeoutException if the lease did not become free, or its session was not ready, in time
     * @throws AcquireInterruptedException if the thread was interrupted while waiting; its interrupt flag is set
     * @throws AcquireRejectedException if {@code maxWaiting} threads are waiting already
     * @throws ReentrantAcquireException if this thread holds the lease already
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     */
    public Lease acquire() throws SQLException {
        return acquire(options.acquireTimeout());
    }

    /**
     * Acquires the lease; blocks for the given time at most. Opens the session if it is closed.
     *
     * @param timeout bounds waiting, opening and validating; zero does not wait for another lease
     * @return the lease; the caller closes it
     * @throws AcquireTimeoutException if the lease did not become free, or its session was not ready, in time
     * @throws AcquireInterruptedException if the thread was interrupted while waiting; its interrupt flag is set
     * @throws AcquireRejectedException if {@code maxWaiting} threads are waiting already
     * @throws ReentrantAcquireException if this thread holds the lease already
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     * @throws IllegalArgumentException if the timeout is null or negative
     */
    public Lease acquire(Duration timeout) throws SQLException {
        return leasing.acquire(Builder.notNegative("timeout", timeout), options.autoCommit());
    }

    /**
     * Acquires the lease if it is free. Never blocks on another lease; opens the session if it is closed, for
     * {@code acquireTimeout} at most.
     *
     * @return the lease, which the caller closes; empty if another lease is live, or the manager is paused
     * @throws ReentrantAcquireException if this thread holds the lease already
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     */
    public Optional<Lease> tryAcquire() throws SQLException {
        return Optional.ofNullable(leasing.tryAcquire(options.autoCommit()));
    }

    // --- work ---------------------------------------------------------------------------------------------------

    /**
     * Runs work on a lease. The work commits or rolls back itself.
     *
     * @param work what to do
     * @param <R> the type of the result
     * @param <X> what the work may throw besides {@link SQLException}
     * @return the work's result
     * @throws OpenTransactionException if the work returned with an open transaction; it was rolled back
     * @throws SQLException as {@link #acquire()} does, and as the work does
     * @throws X what the work threw, unwrapped; an open transaction was rolled back, and a failure to do so is
     *     suppressed onto it
     */
    public <R extends @Nullable Object, X extends Exception> R withConnection(Work<R, X> work) throws SQLException, X {
        Objects.requireNonNull(work, "work");
        return leasing.acquire(options.acquireTimeout(), options.autoCommit()).use(work);
    }

    /**
     * Runs work without a result on a lease. The work commits or rolls back itself.
     *
     * @param action what to do
     * @param <X> what the work may throw besides {@link SQLException}
     * @throws OpenTransactionException if the work returned with an open transaction; it was rolled back
     * @throws SQLException as {@link #acquire()} does, and as the work does
     * @throws X what the work threw, unwrapped
     */
    public <X extends Exception> void useConnection(Action<X> action) throws SQLException, X {
        Objects.requireNonNull(action, "action");
        this.<Boolean, X>withConnection(connection -> {
            action.run(connection);
            return true;
        });
    }

    /**
     * Runs work in a transaction. Commits when the work returns, rolls back when it throws.
     *
     * <p>In it {@code setAutoCommit(true)} is refused (SQLState 2D000). {@code commit()} and {@code rollback()} mean
     * what they mean in JDBC: they end the transaction so far, and what the work does after that is another one, with
     * which this ends. What the work has committed so stands, even if it throws later.
     *
     * @param work what to do
     * @param <R> the type of the result
     * @param <X> what the work may throw besides {@link SQLException}
     * @return the work's result
     * @throws java.sql.SQLTransactionRollbackException if the transaction had failed, so that COMMIT rolled it back; or
     *     if the answer to COMMIT was lost and the server reports a rollback ({@code verifyCommits})
     * @throws CommitOutcomeUnknownException if the connection was lost during COMMIT, and the server could not report
     *     the outcome, or {@code verifyCommits} is not set
     * @throws SQLException as {@link #acquire()} does, and as the work and the commit do
     * @throws X what the work threw, unwrapped
     */
    public <R extends @Nullable Object, X extends Exception> R inTransaction(Work<R, X> work) throws SQLException, X {
        Objects.requireNonNull(work, "work");
        // All that is needed is made before the lease: an Error in between would leave it to the garbage collector.
        if (!options.verifyCommits()) {
            Work<R, X> committing = connection -> {
                R result = work.run(connection);
                connection.commit();
                return result;
            };
            return leasing.acquire(options.acquireTimeout(), false)
                    .asTransaction()
                    .use(committing);
        }
        VerifiedTransaction<R> transaction = new VerifiedTransaction<>(options.label());
        Work<R, X> committing = connection -> transaction.run(connection, work);
        try {
            return leasing.acquire(options.acquireTimeout(), false)
                    .asTransaction()
                    .use(committing);
        } catch (CommitOutcomeUnknownException e) {
            return transaction.verified(e, leasing.question());
        }
    }

    /**
     * Runs work without a result in a transaction, as {@link #inTransaction} does. Commits when the work returns, rolls
     * back when it throws.
     *
     * @param action what to do
     * @param <X> what the work may throw besides {@link SQLException}
     * @throws java.sql.SQLTransactionRollbackException if the transaction had failed, so that COMMIT rolled it back; or
     *     if the answer to COMMIT was lost and the server reports a rollback ({@code verifyCommits})
     * @throws CommitOutcomeUnknownException if the connection was lost during COMMIT, and the server could not report
     *     the outcome, or {@code verifyCommits} is not set
     * @throws SQLException as {@link #acquire()} does, and as the work and the commit do
     * @throws X what the work threw, unwrapped
     */
    public <X extends Exception> void useTransaction(Action<X> action) throws SQLException, X {
        Objects.requireNonNull(action, "action");
        this.<Boolean, X>inTransaction(connection -> {
            action.run(connection);
            return true;
        });
    }

    /**
     * Asks the server for the outcome of a COMMIT whose answer was lost. {@link #inTransaction} asks by itself; this
     * method is for a COMMIT of the caller's own, and for asking again later. It takes a lease, in a pause, too, and
     * ends within {@code acquireTimeout}. It does not count as waiting, so {@code maxWaiting} does not refuse it.
     *
     * <p>The server can report "committed" only if it has not crashed, and no other server has replaced it, since then:
     * after that, the ID may belong to another transaction. "Rolled back" it can still report.
     *
     * @param unknown the exception that the commit raised, with {@code verifyCommits} set
     * @return the outcome as the server reports it; {@link CommitOutcome#UNKNOWN} without a transaction ID
     * @throws java.sql.SQLTransientConnectionException if the manager is drained, and not resumed (SQLState 08001)
     * @throws SQLException as {@link #acquire()} does, and if the server cannot be asked
     */
    public CommitOutcome outcomeOf(CommitOutcomeUnknownException unknown) throws SQLException {
        return leasing.outcomeOf(unknown);
    }

    // --- notifications ------------------------------------------------------------------------------------------

    /**
     * Listens to a channel, on the shared session, until the subscription or the manager is closed. Listeners are
     * called on a thread of the manager's, one for all; see {@link #listen(String, NotificationListener, Executor)}.
     *
     * @param channel the name, exactly as it is: {@code NOTIFY Jobs} sends to the channel {@code jobs}; of 63 bytes at
     *     most, in UTF-8
     * @param listener receives the messages
     * @return the subscription; LISTEN is in force
     * @throws java.sql.SQLFeatureNotSupportedException if no messages arrive through the pooler to which the manager
     *     connects, such as PgBouncer in transaction mode
     * @throws SQLException as {@link #acquire()} does, and if the server refuses LISTEN, as a standby does (SQLState
     *     25006)
     * @throws IllegalArgumentException if the name is null, empty or too long, or the listener is null
     */
    public Subscription listen(String channel, NotificationListener listener) throws SQLException {
        return leasing.listen(ChannelName.checked(channel), Builder.notNull("listener", listener), null);
    }

    /**
     * Listens to a channel, on the shared session, until the subscription or the manager is closed.
     *
     * <p>While nobody holds the lease the manager reads what the server sends; a thread that acquires the lease
     * meanwhile does not wait for that. While a lease is held, messages come with the answers to its statements, and
     * none come while it is in a transaction: the server itself holds them back until it ends. So short transactions
     * make for prompt messages.
     *
     * <p>While the manager is paused, this waits for {@link #resume()}, as an acquisition does; existing subscriptions
     * get their messages.
     *
     * <p>If the session is lost or replaced, another is opened and listens; the listener learns of both
     * ({@link NotificationListener#onLost}, {@link NotificationListener#onReady}). Neither {@code idleTimeout} nor
     * {@link SessionReset} ends the listening. Every 30 seconds the server is asked whether it is there and listens,
     * and has {@code releaseTimeout} to answer, but no more than half of {@code acquireTimeout}. UNLISTEN inside a
     * function of a lease is seen only then, unless {@code sessionReset} is {@code FULL}.
     *
     * <p>A listener that is more than 10,000 messages behind misses those that come next, and learns of that in the
     * same way.
     *
     * @param channel the name, exactly as it is: {@code NOTIFY Jobs} sends to the channel {@code jobs}; of 63 bytes at
     *     most, in UTF-8
     * @param listener receives the messages
     * @param executor runs the calls of the listener, one after the other; should it refuse one, that is tried again
     *     each second
     * @return the subscription; LISTEN is in force
     * @throws java.sql.SQLFeatureNotSupportedException if no messages arrive through the pooler to which the manager
     *     connects, such as PgBouncer in transaction mode
     * @throws SQLException as {@link #acquire()} does, and if the server refuses LISTEN, as a standby does (SQLState
     *     25006)
     * @throws IllegalArgumentException if the name is null, empty or too long, or the listener or the executor is null
     * @see <a href="https://www.postgresql.org/docs/current/sql-listen.html">PostgreSQL manual, "LISTEN"</a>
     */
    public Subscription listen(String channel, NotificationListener listener, Executor executor) throws SQLException {
        return leasing.listen(
                ChannelName.checked(channel),
                Builder.notNull("listener", listener),
                Builder.notNull("executor", executor));
    }

    // --- the manager --------------------------------------------------------------------------------------------

    /**
     * Opens the session, if it is not open, for {@code acquireTimeout} at most. See {@link #open(Duration)}.
     *
     * @throws AcquireTimeoutException if the session was not ready in time
     * @throws SQLException as {@link #open(Duration)} does
     */
    public void open() throws SQLException {
        leasing.open(options.acquireTimeout());
    }

    /**
     * Opens the session, if it is not open. Where {@link #acquire()} fails at once if the first opening ever fails,
     * this retries while the server cannot be reached, is starting or is full: for a server that may start later than
     * its client. What will not pass, such as a wrong password, is raised at once. Does nothing if the session is open,
     * as far as is known without asking the server.
     *
     * @param timeout for how long; zero tries once
     * @throws AcquireTimeoutException if the session was not ready in time; its cause is the last failure
     * @throws AcquireInterruptedException if the thread was interrupted while waiting; its interrupt flag is set
     * @throws AcquireRejectedException if {@code maxWaiting} threads are waiting already
     * @throws SQLException if the session cannot be opened, or the manager is closed (SQLState 08003)
     * @throws IllegalArgumentException if the timeout is null or negative
     */
    public void open(Duration timeout) throws SQLException {
        leasing.open(Builder.notNegative("timeout", timeout));
    }

    /**
     * The manager as a {@link DataSource}. Each connection is a lease. It begins with autocommit as the builder was
     * told ({@link Builder#autoCommit}), and on, by JDBC's convention, if it was told nothing; see
     * {@link #asDataSource(boolean)}. A second one in the same thread raises {@link ReentrantAcquireException}.
     *
     * <p>It is not {@link AutoCloseable}: the manager belongs to whoever built it, and a framework that closes what it
     * can does no harm. A data source that closes its manager is one of {@link #dataSource}.
     *
     * @return the same object each time
     */
    public DataSource asDataSource() {
        return dataSource;
    }

    /**
     * The manager as a {@link DataSource} whose connections begin as given, whatever the builder says. Off is for
     * callers that end their transactions themselves and rely on the data source not to commit, as Hibernate does with
     * {@code hibernate.connection.provider_disables_autocommit}. What such a caller does not commit is rolled back.
     *
     * @param autoCommit whether a connection begins with autocommit on
     * @return a data source of this manager
     */
    public DataSource asDataSource(boolean autoCommit) {
        return new LeaseDataSource(leasing, options.acquireTimeout(), autoCommit, this);
    }

    /**
     * The session's transaction status. Never blocks, even while a query runs.
     *
     * @return the status the server reported last, {@code ACTIVE} while a call is under way, or {@code CLOSED}
     */
    public TransactionStatus status() {
        return leasing.status();
    }

    /**
     * Whether a session is open now, as far as is known without asking the server. Never blocks.
     *
     * @return whether the session is open
     */
    public boolean isOpen() {
        return leasing.isOpen();
    }

    /**
     * Who has the lease now, since when, and what it is doing. Never blocks.
     *
     * @return a snapshot; empty if nobody has the lease, also while the thread whose turn it is still opens the session
     */
    public Optional<Holder> holder() {
        return Optional.ofNullable(leasing.holder());
    }

    /**
     * How many threads wait for the lease, and for how long. Never blocks.
     *
     * @return a snapshot
     */
    public Waiters waiters() {
        return leasing.waiters();
    }

    /**
     * What stands between the next lease and its session: who is getting it ready, and why the last attempts to open
     * one have failed. Never blocks.
     *
     * @return a snapshot; empty if the session is ready, or nobody has wanted it since it was closed
     */
    public Optional<Opening> opening() {
        return Optional.ofNullable(leasing.opening());
    }

    /**
     * Takes the lease from whoever holds it at this moment. To revoke a lease that was looked at before, and none that
     * came after it, use {@link Holder#revoke}.
     *
     * <p>Its statement is cancelled, its session cut, so that the server rolls back what is not committed, and the next
     * thread goes on with a new session. The holder's next call raises a {@link LeaseReleasedException} with the
     * reason; so does its release, if the lease had a transaction open. If the lease was in its COMMIT, the holder gets
     * a {@link CommitOutcomeUnknownException}. Blocks for {@code releaseTimeout} at most, until the cancelled statement
     * has ended.
     *
     * @param reason for the holder, who reads it in the exception, and for the log
     * @return whether a lease was taken away; {@code false} if nobody holds it, or it is being released
     * @throws IllegalArgumentException if the reason is null or blank
     */
    public boolean revoke(String reason) {
        return leasing.revoke(reason);
    }

    /**
     * Gives out no leases until {@link #resume()}: for a failover, a change of the schema, a machine that is going to
     * be frozen. Does not wait: the holder goes on, and so does a thread that is just getting the lease. Threads that
     * acquire one meanwhile wait, each for its own timeout; {@link #tryAcquire()} returns empty. The session stays
     * open, if it is not drained, even when its {@code maxLifetime} is over, and subscriptions get their messages; but
     * no attempt to open one is begun. An attempt that is under way may end: a thread that waits for it gets its lease,
     * and if nobody does, what comes of it is closed at once. If it fails, and the server would have been tried again,
     * the thread waits for the end of the pause, behind those that wait already. Pauses are not counted: one
     * {@code resume()} ends them. Does nothing if the manager is paused or closed.
     *
     * <p>One thing comes between, since it is a holder's unfinished business: the question for the outcome of a COMMIT
     * whose answer was lost ({@code verifyCommits}, {@link #outcomeOf}). It takes a lease, and opens a session if there
     * is none. Once the manager is drained, it fails at once instead.
     */
    public void pause() {
        leasing.pause();
    }

    /**
     * Pauses, as {@link #pause()} does, waits for the holder, if there is one, and closes the session. It stays closed
     * until {@link #resume()}; a subscription is told that it is lost, and after that that it is ready again. The
     * holder is never cut: if it does not release the lease in time, the manager is paused and the session open; drain
     * once more, {@link #revoke} the lease, or resume. Does not wait if the thread is interrupted. Waits, too, until
     * other threads have closed a session that they are closing, and attempts to open one have ended. These are broken
     * off; in the code of a data source or an {@code onOpen} hook, which cannot be, they are waited for, and what comes
     * of them later is closed. To close the session may take a second or two longer than the timeout. Of a manager that
     * is closed it only waits for all that.
     *
     * @param timeout how long to wait; zero does not wait
     * @return whether there is no session, none is being closed, and no attempt is under way that could still connect;
     *     {@code false} if that was not so in time, the thread was interrupted (its flag is set), or the manager was
     *     resumed meanwhile. What a foreign data source's connection does in its own {@code close()} may outlast this
     * @throws IllegalStateException if this thread holds the lease, and would wait for itself; nothing was changed
     * @throws IllegalArgumentException if the timeout is null or negative
     */
    public boolean drain(Duration timeout) {
        return leasing.drain(Builder.notNegative("timeout", timeout));
    }

    /** Ends a pause: leases are given out again, in the order in which threads came. Does nothing without one. */
    public void resume() {
        leasing.resume();
    }

    /**
     * Whether nobody gets a lease, since {@link #pause()} or {@link #drain} was called. Never blocks.
     *
     * @return whether the manager is paused
     */
    public boolean isPaused() {
        return leasing.isPaused();
    }

    /** Closes the session: at once if the lease is free, else when it is released. The next lease opens a new one. */
    public void reset() {
        leasing.reset();
    }

    /**
     * Counts of what the manager has done so far. Never blocks.
     *
     * @return a snapshot
     */
    public Stats stats() {
        return new Stats(leasing.counts());
    }

    /**
     * Grants no more leases and closes the session. Waiting threads fail at once (SQLState 08003). A holder has
     * {@code releaseTimeout} to finish; then its lease is revoked, its statement cancelled and the session cut, so that
     * the server rolls back. Does not wait if this thread is interrupted, or holds the lease and would wait for itself.
     * Waits for another thread that is still closing the session, too, which takes it two seconds at most. Then waits
     * for the listeners that are being called, for {@code releaseTimeout} at most. Repeated calls do nothing.
     */
    @Override
    public void close() {
        try {
            leasing.close();
        } finally {
            unregister.run();
        }
    }

    /** For example {@code ManagedConnection[postgres:///postgres, closed, paused]}; never contains a password. */
    @Override
    public String toString() {
        String label = options.label();
        return label.substring(0, label.length() - 1) + ", "
                + status().name().toLowerCase(Locale.ROOT).replace('_', ' ') + (isPaused() ? ", paused]" : "]");
    }

    /**
     * The options of a manager. The defaults suit many threads with short work.
     *
     * <p>Thread safety: none; the manager it builds is independent of it.
     */
    public static final class Builder {
        private final Options.Draft draft;

        /** The data source, if it is made of a connection string. */
        private @Nullable LibpqDataSource own;

        private Builder(String target, DataSource source) {
            this.draft = new Options.Draft(target, source);
        }

        /**
         * A name for messages and logs. With a connection string it is the session's {@code application_name} in
         * {@code pg_stat_activity}, too, unless the string, {@code PGAPPNAME} or a {@code jdbc:} URL's
         * {@code ApplicationName} sets another. (It is libpq's {@code fallback_application_name}.) A data source is
         * left as it is.
         *
         * @param name not empty; none by default
         * @return this builder
         * @throws IllegalArgumentException if it is null or blank, or holds a NUL character
         */
        public Builder name(String name) {
            if (name == null || name.isBlank() || name.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("name: must not be null or blank, nor hold a NUL character");
            }
            draft.name = name;
            return this;
        }

        /**
         * Whether a lease begins with autocommit on, and a connection of {@link ManagedConnection#asDataSource()}, too.
         * {@link ManagedConnection#asDataSource(boolean)} gives others. To say {@code false} is not to say nothing:
         * then what a caller of the data source does not commit, such as Spring's {@code JdbcTemplate} outside of a
         * transaction, is rolled back.
         *
         * @param autoCommit by default {@code false} for a lease, as in psycopg2, and {@code true} for a connection of
         *     the data source, as in JDBC
         * @return this builder
         */
        public Builder autoCommit(boolean autoCommit) {
            draft.autoCommit = autoCommit;
            return this;
        }

        /**
         * Bounds an acquisition: waiting for the lease, opening the session and validating it together. A manager's
         * first opening does not retry, unless {@link #initialFailure} says so. Later ones retry while the server is
         * unreachable, starting or full, after pauses of 25 milliseconds to 1 second. An opening that outlasts the
         * timeout goes on, and the next lease uses its session.
         *
         * @param timeout 30 seconds by default; zero does not wait for another lease, and tries to open once
         * @return this builder
         * @throws IllegalArgumentException if it is null or negative
         */
        public Builder acquireTimeout(Duration timeout) {
            draft.acquireTimeout = notNegative("acquireTimeout", timeout);
            return this;
        }

        /**
         * What an acquisition does while the manager has never had a session, and the server is unreachable, starting
         * or full. What will not pass, such as a wrong password or a missing database, fails at once in any case.
         *
         * @param rule {@link InitialFailure#FAIL_FAST} by default
         * @return this builder
         * @throws IllegalArgumentException if it is null
         */
        public Builder initialFailure(InitialFailure rule) {
            draft.initialFailure = notNull("initialFailure", rule);
            return this;
        }

        /**
         * Bounds a release, which cancels, rolls back and restores settings, and the time that
         * {@link ManagedConnection#close()} waits for the holder. After that the session is cut.
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
         * The idle time after which a lease validates the session, which takes a round trip. If the session is dead, a
         * new one is opened before the lease begins. Idle time counts by the monotonic and the wall clock, so that a
         * frozen machine validates when it wakes. A lease that sends nothing to the server does not count as use.
         *
         * @param idle 500 milliseconds by default; zero validates each time
         * @return this builder
         * @throws IllegalArgumentException if it is null or negative
         */
        public Builder validateAfterIdle(Duration idle) {
            draft.validateAfterIdle = notNegative("validateAfterIdle", idle);
            return this;
        }

        /**
         * How many threads may wait for the lease at once. Further ones fail with {@link AcquireRejectedException}.
         *
         * @param threads unbounded by default; zero lets no thread wait
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
         * The time held after which a waiting thread logs a warning about the live lease: the holder's name, statement
         * and stack, and how long it has held the lease. Repeated each time that time doubles. Without a waiting thread
         * there is no warning.
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
         * How long a lease may be held, busy or not. After that its statement is cancelled, the lease is revoked (its
         * handles raise {@link LeaseReleasedException}), its session is closed and the next lease opens another. The
         * server rolls back what was open. Starts a background thread.
         *
         * @param held unlimited by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder maxLease(Duration held) {
            draft.maxLease = positive("maxLease", held);
            return this;
        }

        /**
         * How long a lease may be held without making a call. After that it is revoked like one that exceeds
         * {@link #maxLease}. A lease with a call under way is left alone, however long the call takes. Noticed up to a
         * quarter of the time later. Starts a background thread.
         *
         * @param idle unlimited by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder leaseIdleTimeout(Duration idle) {
            draft.leaseIdleTimeout = positive("leaseIdleTimeout", idle);
            return this;
        }

        /**
         * How long a session may live before it is replaced, between two leases. Shortened at random by up to a tenth,
         * so that sessions which started together do not end together.
         *
         * @param lifetime unlimited by default
         * @return this builder
         * @throws IllegalArgumentException if it is null, zero or negative
         */
        public Builder maxLifetime(Duration lifetime) {
            draft.maxLifetime = positive("maxLifetime", lifetime);
            return this;
        }

        /**
         * The time without a lease after which the session is closed, which frees its slot on the server. The next
         * lease opens a new one. Starts a background thread.
         *
         * @param idle unlimited by default
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
         * @param reset {@link SessionReset#VISIBLE} by default
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
         * Whether {@code commit()} asks for the transaction's ID first, which takes a round trip. If the answer to the
         * COMMIT is then lost, {@link ManagedConnection#inTransaction} asks the server for the outcome, on a new
         * session, for {@code acquireTimeout} at most. If the transaction is committed, it returns the work's result;
         * if it is rolled back, it throws a {@link java.sql.SQLTransactionRollbackException}. Without a lambda,
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
         * Whether the place where each lease is acquired is recorded, from the first one on: for
         * {@link Holder#acquiredAt()}, and for messages of leases that were lost. It costs a stack trace a lease: half
         * a microsecond, and more on a deep stack. Also has {@link Stats#totalHold()} count leases that made no call.
         *
         * @param trace {@code false} by default: the place is recorded once a lease was lost, or a thread acquired
         *     twice
         * @return this builder
         */
        public Builder traceLeases(boolean trace) {
            draft.traceLeases = trace;
            return this;
        }

        /**
         * Whether the manager is in JMX until it is closed, as a {@link ManagedConnectionMXBean}. If it cannot be
         * registered, that is logged. One that is never closed stays in memory.
         *
         * @param register {@code false} by default
         * @return this builder
         */
        public Builder registerMBean(boolean register) {
            draft.registerMBean = register;
            return this;
        }

        /**
         * Prepares each new session before its first lease, with autocommit on. The settings it leaves are the baseline
         * to which later leases return. If it throws or leaves a transaction open, the opening fails and the session is
         * closed.
         *
         * @param hook none by default; must not keep the connection
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
         * Builds the manager. It opens no connection yet.
         *
         * @return a new manager
         * @throws InvalidConnInfoException if the string asks for {@code replication=true}: such a session knows no SQL
         */
        public ManagedConnection build() {
            if (draft.source instanceof LibpqDataSource libpq && libpq.isForPhysicalReplication()) {
                throw new InvalidConnInfoException("replication=true: such a session streams the server's log and knows"
                        + " no SQL, so a manager cannot serve it; use a LibpqDataSource, or replication=database");
            }
            if (own != null && draft.name != null) {
                draft.source = own.withFallbackApplicationName(draft.name);
            }
            return new ManagedConnection(new Options(draft));
        }

        /**
         * Builds a manager and gives it out as the {@link DataSource} that it was made for: closing that closes the
         * manager. Its connections begin as those of {@link ManagedConnection#asDataSource()}. It opens no connection
         * yet.
         *
         * @return a new data source; the caller closes it
         * @throws InvalidConnInfoException if the string asks for {@code replication=true}: such a session knows no SQL
         */
        public ManagedDataSource buildDataSource() {
            ManagedConnection manager = build();
            Options options = manager.options;
            return new OwningDataSource(
                    manager.leasing, options.acquireTimeout(), options.dataSourceAutoCommit(), manager, manager::close);
        }

        private static Duration positive(String option, Duration duration) {
            if (notNegative(option, duration).isZero()) {
                throw new IllegalArgumentException(option + ": must not be zero");
            }
            return duration;
        }

        static <T> T notNull(String parameter, @Nullable T value) {
            if (value == null) {
                throw new IllegalArgumentException(parameter + ": must not be null");
            }
            return value;
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
