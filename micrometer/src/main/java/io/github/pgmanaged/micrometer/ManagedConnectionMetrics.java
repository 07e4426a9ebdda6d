package io.github.pgmanaged.micrometer;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.internal.Log;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.sql.SQLException;
import java.util.IdentityHashMap;
import java.util.Objects;

/**
 * The metrics of a manager: those that pools have, by OpenTelemetry's names or HikariCP's, and under {@code pgmanaged.}
 * what no convention has a name for.
 *
 * <pre>{@code
 * ManagedConnectionMetrics metrics = new ManagedConnectionMetrics(manager);
 * metrics.bindTo(registry);
 * }</pre>
 *
 * <p>The pool's name is the manager's; without one it is the connection string, without a password, or the type of the
 * data source. Managers in one registry need different names.
 *
 * <p>While bound, each lease is timed, also one that makes no call; it costs two readings of the clock and two records
 * of a timer.
 *
 * <p>Thread safety: safe.
 */
public final class ManagedConnectionMetrics implements MeterBinder, AutoCloseable {
    /** Held while meters are registered, so that two binders do not both take a meter for theirs. */
    private static final Object BINDING = new Object();

    private final ManagedConnection manager;
    private final EventSource source;
    private final ConnectionMeterConventions conventions;

    /** Guarded by {@link #BINDING}. */
    private final IdentityHashMap<MeterRegistry, ManagerMeters> bound = new IdentityHashMap<>();

    /**
     * The metrics of a manager, by OpenTelemetry's names.
     *
     * @param manager whose metrics; need not be open, or stay open
     */
    public ManagedConnectionMetrics(ManagedConnection manager) {
        this(manager, ConnectionMeterConventions.openTelemetry());
    }

    /**
     * The metrics of a manager.
     *
     * @param manager whose metrics; need not be open, or stay open
     * @param conventions the names of the meters
     */
    public ManagedConnectionMetrics(ManagedConnection manager, ConnectionMeterConventions conventions) {
        this.manager = Objects.requireNonNull(manager, "manager");
        this.conventions = Objects.requireNonNull(conventions, "conventions");
        try {
            this.source = manager.asDataSource().unwrap(EventSource.class);
        } catch (SQLException e) {
            throw new IllegalStateException("pgmanaged and pgmanaged-micrometer are not of the same version", e);
        }
    }

    /**
     * Registers the meters, and feeds them from now on. May be called for several registries; does nothing for one that
     * is bound already. A meter that is in the registry already, since another binder has registered it, is left to
     * that one, and a warning is logged.
     *
     * @param registry where
     */
    @Override
    public void bindTo(MeterRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        synchronized (BINDING) {
            if (bound.containsKey(registry)) {
                return;
            }
            OwnMeters own = new OwnMeters(registry);
            ManagerMeters meters;
            try {
                meters = new ManagerMeters(manager, source.name(), conventions, own);
            } catch (RuntimeException | Error e) {
                own.remove();
                throw e;
            }
            source.addListener(meters);
            bound.put(registry, meters);
            if (!own.foreign().isEmpty()) {
                Log.detachedWarn(
                        "The meters {} of pool \"{}\" are in the registry already; they are left as they are, and say"
                                + " nothing of this manager unless they were bound to it. Give each manager a name of"
                                + " its own, bind it once, and close the metrics of managers that are closed.",
                        own.foreign(),
                        source.name());
            }
        }
    }

    /**
     * Feeds the meters no more, and unregisters those that this has registered, in all registries. The manager is left
     * as it is. Can be bound again. Repeated calls do nothing.
     */
    @Override
    public void close() {
        synchronized (BINDING) {
            for (ManagerMeters meters : bound.values()) {
                source.removeListener(meters);
                meters.remove();
            }
            bound.clear();
        }
    }
}
