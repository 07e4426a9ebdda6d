package io.github.pgmanaged.junit.internal;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.junit.OneConnectionError;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What watches managers, and tells each test what was found in it.
 *
 * <p>Thread safety: safe.
 */
public final class Detector {
    private final Scopes scopes = new Scopes();
    private final WaitWatcher watcher = new WaitWatcher(this);

    /** Each is kept by its manager. */
    private final Set<ManagerWatch> watches =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** What no test could be named for. */
    private final Queue<Finding> unclaimed = new ConcurrentLinkedQueue<>();

    private final Supplier<@Nullable ManagedConnection> ownManager;
    private volatile @Nullable OtherSessions otherSessions;
    private volatile boolean reportOnly;
    private volatile long blockedForNanos = Duration.ofSeconds(5).toNanos();

    /** Watches nothing yet; the manager is the one through which other sessions are looked for. */
    public Detector(Supplier<@Nullable ManagedConnection> ownManager) {
        this.ownManager = ownManager;
    }

    // --- options ------------------------------------------------------------------------------------------------

    /** Findings are no failures. */
    public void reportOnly() {
        reportOnly = true;
    }

    /** Whether findings are no failures. */
    public boolean isReportOnly() {
        return reportOnly;
    }

    /** How long a thread may wait for a holder that waits, too. */
    public void blockedFor(Duration bound) {
        blockedForNanos = bound.toNanos();
    }

    long blockedForNanos() {
        return blockedForNanos;
    }

    /** Looks for sessions of others, too. */
    public void reportOtherSessions() {
        otherSessions = new OtherSessions();
    }

    // --- managers -----------------------------------------------------------------------------------------------

    /**
     * Watches a manager; once, however often it is called.
     *
     * @param isOurs whether its session is closed when a class has ended
     */
    public void watch(ManagedConnection manager, boolean isOurs) {
        ManagerWatch watch = new ManagerWatch(manager, isOurs, this);
        synchronized (watches) {
            if (watches.stream().anyMatch(known -> known.manager == manager)) {
                return;
            }
            watches.add(watch);
        }
        try {
            manager.asDataSource().unwrap(EventSource.class).addListener(watch);
        } catch (SQLException e) {
            throw new IllegalStateException("pgmanaged and pgmanaged-testing are not of the same version", e);
        }
    }

    List<ManagerWatch> watches() {
        synchronized (watches) {
            return new ArrayList<>(watches);
        }
    }

    void watchWaiting() {
        watcher.wake();
    }

    boolean anyWaits() {
        return watches().stream().anyMatch(ManagerWatch::anyWaits);
    }

    // --- tests --------------------------------------------------------------------------------------------------

    /** A test or a class begins, on the current thread. */
    public Scope begin(String name, boolean test) {
        Scope scope = new Scope(name, test, scopes.ofThread());
        OtherSessions others = otherSessions;
        if (others != null && !test) {
            others.expectThoseOf(ownManager.get());
        }
        scopes.begin(scope);
        return scope;
    }

    /** It ends; what was found in it. */
    public Optional<OneConnectionError> end(Scope scope) {
        watches().forEach(watch -> watch.settle(scope));
        OtherSessions others = otherSessions;
        if (others != null && scope.isTest) {
            others.newOnes(ownManager.get()).ifPresent(scope::add);
        }
        scopes.end(scope);
        List<Finding> findings = new ArrayList<>(scope.end());
        if (!scope.isTest) {
            for (Finding next = unclaimed.poll(); next != null; next = unclaimed.poll()) {
                findings.add(next);
            }
        }
        if (!scopes.anyRuns()) {
            watches().stream().filter(watch -> watch.isOurs).forEach(watch -> watch.manager.reset());
        }
        return findings.isEmpty() ? Optional.empty() : Optional.of(Report.of(scope, findings));
    }

    /** The test or class of the current thread; null if none can be named. */
    @Nullable
    Scope scope() {
        return scopes.current();
    }

    void found(Finding finding) {
        found(scope(), finding);
    }

    void found(@Nullable Scope scope, Finding finding) {
        if (scope != null && scope.add(finding)) {
            return;
        }
        Scope other = scope();
        if (other == null || !other.add(finding)) {
            unclaimed.add(finding);
        }
    }
}
