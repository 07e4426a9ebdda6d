package io.github.pgmanaged.internal;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.DatabaseErrors;
import io.github.pgmanaged.InitialFailure;
import io.github.pgmanaged.SessionReset;
import java.time.Duration;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A manager's options, checked and fixed. An option is a field of the {@link Draft} with its default, and an accessor.
 *
 * <p>Thread safety: immutable.
 */
public final class Options {
    /** A copy, which nobody changes any more. */
    private final Draft fixed;

    private final String label;

    /** Options that are being collected. Thread safety: none. */
    public static final class Draft implements Cloneable {
        public DataSource source;

        /** What the manager is named after in messages, beside its name: the connection string without its secrets. */
        public final String target;

        public @Nullable String name;
        public @Nullable Boolean autoCommit;
        public InitialFailure initialFailure = InitialFailure.FAIL_FAST;
        public Duration acquireTimeout = Duration.ofSeconds(30);
        public Duration releaseTimeout = Duration.ofSeconds(5);
        public Duration validateAfterIdle = Duration.ofMillis(500);
        public Duration slowLeaseWarning = Duration.ofSeconds(10);
        public @Nullable Duration maxLease;
        public @Nullable Duration leaseIdleTimeout;
        public @Nullable Duration maxLifetime;
        public @Nullable Duration idleTimeout;
        public int maxWaiting = Integer.MAX_VALUE;
        public DatabaseErrors databaseErrors = DatabaseErrors.RESET_UNLESS_HEALTHY;
        public SessionReset sessionReset = SessionReset.VISIBLE;
        public boolean verifyCommits;
        public boolean traceLeases;
        public boolean registerMBean;
        public @Nullable Action<?> onOpen;

        /** The wall clock; not an option of the manager's, but tests set it. */
        public InstantSource wallClock = InstantSource.system();

        /**
         * How long an opening may make no progress before a later lease gives it up; not an option of the manager's.
         */
        public Duration openingStall = Duration.ofSeconds(10);

        /**
         * How long a server that listens may be silent before it is asked whether it is there; not an option of the
         * manager's.
         */
        public Duration listenSilence = Duration.ofSeconds(30);

        /** Options with their defaults. */
        public Draft(String target, DataSource source) {
            this.target = target;
            this.source = source;
        }

        @Override
        protected Draft clone() {
            try {
                return (Draft) super.clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Fixes a draft; later changes of it change nothing here. */
    public Options(Draft draft) {
        this.fixed = draft.clone();
        this.label = "ManagedConnection[" + (fixed.name == null ? "" : fixed.name + ", ") + fixed.target + "]";
    }

    /** Names the manager in every message, without a secret. */
    public String label() {
        return label;
    }

    public DataSource source() {
        return fixed.source;
    }

    /** Of a lease that {@code acquire()} gives: off, as in psycopg2, unless the builder was told otherwise. */
    public boolean autoCommit() {
        return fixed.autoCommit != null && fixed.autoCommit;
    }

    /** Of a connection of the data source: on, as JDBC has it, unless the builder was told otherwise. */
    public boolean dataSourceAutoCommit() {
        return fixed.autoCommit == null || fixed.autoCommit;
    }

    public InitialFailure initialFailure() {
        return fixed.initialFailure;
    }

    public Duration acquireTimeout() {
        return fixed.acquireTimeout;
    }

    public Duration releaseTimeout() {
        return fixed.releaseTimeout;
    }

    public Duration validateAfterIdle() {
        return fixed.validateAfterIdle;
    }

    public Duration slowLeaseWarning() {
        return fixed.slowLeaseWarning;
    }

    public @Nullable Duration maxLease() {
        return fixed.maxLease;
    }

    public @Nullable Duration leaseIdleTimeout() {
        return fixed.leaseIdleTimeout;
    }

    public @Nullable Duration maxLifetime() {
        return fixed.maxLifetime;
    }

    public @Nullable Duration idleTimeout() {
        return fixed.idleTimeout;
    }

    public int maxWaiting() {
        return fixed.maxWaiting;
    }

    public DatabaseErrors databaseErrors() {
        return fixed.databaseErrors;
    }

    public SessionReset sessionReset() {
        return fixed.sessionReset;
    }

    public boolean verifyCommits() {
        return fixed.verifyCommits;
    }

    public boolean traceLeases() {
        return fixed.traceLeases;
    }

    public boolean registerMBean() {
        return fixed.registerMBean;
    }

    /** The name, or else what the manager is named after without one. */
    public String nameOrTarget() {
        return fixed.name == null ? fixed.target : fixed.name;
    }

    public @Nullable Action<?> onOpen() {
        return fixed.onOpen;
    }

    public InstantSource wallClock() {
        return fixed.wallClock;
    }

    public Duration listenSilence() {
        return fixed.listenSilence;
    }

    public Duration openingStall() {
        return fixed.openingStall;
    }
}
