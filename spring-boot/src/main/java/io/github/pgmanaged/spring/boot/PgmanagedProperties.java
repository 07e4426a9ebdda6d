package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.DatabaseErrors;
import io.github.pgmanaged.InitialFailure;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The properties {@code pgmanaged.*}. What is not set has the default of {@link ManagedConnection.Builder}.
 *
 * <p>Thread safety: immutable.
 *
 * @param conninfo libpq connection string (postgres://host/database, or host=... dbname=...), or jdbc:postgresql: URL
 * @param defaultCandidate Whether the DataSource is the application's own. If not, it stands beside another one, does
 *     not back off, and is injected by its name, pgmanagedDataSource
 * @param connectionFetch When a connection of the DataSource takes the lease
 * @param openWithin How long start-up waits for the server. If not set, the first lease opens the session
 * @param healthTimeout How long the health check waits for an answer of the server
 * @param name Name for messages and logs, and the session's application_name. Default is spring.application.name
 * @param autoCommit Whether leases of the ManagedConnection and connections of the DataSource begin with autocommit on.
 *     By default connections do, and leases do not
 * @param initialFailure What an acquisition does while there has never been a session and the server is away. Default
 *     is fail-fast
 * @param acquireTimeout Bounds waiting for the lease, opening the session and validating it together. Default is 30s
 * @param releaseTimeout Bounds a release, and how long closing waits for the holder. Default is 5s
 * @param validateAfterIdle Idle time after which a lease validates the session. Default is 500ms
 * @param maxWaiting How many threads may wait for the lease at once. Not bounded by default
 * @param databaseErrors What a database error does to the session. Default is reset-unless-healthy
 * @param slowLeaseWarning Time held after which a waiting thread logs a warning about the live lease. Default is 10s
 * @param maxLease How long a lease may be held, busy or not, before it is revoked. Not limited by default
 * @param leaseIdleTimeout How long a lease may be held without making a call before it is revoked. Not limited by
 *     default
 * @param maxLifetime How long a session may live before it is replaced. Not limited by default
 * @param idleTimeout Time without a lease after which the session is closed. Not limited by default
 * @param sessionReset What a release clears of the session. Default is visible
 * @param verifyCommits Whether commit asks for the transaction's ID first, to find out the outcome if the answer is
 *     lost. Default is false
 * @param traceLeases Whether the place where each lease is acquired is recorded, from the first one on. Default is
 *     false
 * @param registerMBean Whether the manager is registered in JMX. Default is false
 */
@ConfigurationProperties("pgmanaged")
public record PgmanagedProperties(
        @Nullable String conninfo,
        @DefaultValue("true") boolean defaultCandidate,
        @DefaultValue("eager") ConnectionFetch connectionFetch,
        @Nullable Duration openWithin,
        @DefaultValue("5s") Duration healthTimeout,
        @Nullable String name,
        @Nullable Boolean autoCommit,
        @Nullable InitialFailure initialFailure,
        @Nullable Duration acquireTimeout,
        @Nullable Duration releaseTimeout,
        @Nullable Duration validateAfterIdle,
        @Nullable Integer maxWaiting,
        @Nullable DatabaseErrors databaseErrors,
        @Nullable Duration slowLeaseWarning,
        @Nullable Duration maxLease,
        @Nullable Duration leaseIdleTimeout,
        @Nullable Duration maxLifetime,
        @Nullable Duration idleTimeout,
        @Nullable SessionReset sessionReset,
        @Nullable Boolean verifyCommits,
        @Nullable Boolean traceLeases,
        @Nullable Boolean registerMBean) {

    /** Sets those options of the builder that are set here. */
    void applyTo(ManagedConnection.Builder builder) {
        apply("name", name, builder::name);
        apply("auto-commit", autoCommit, builder::autoCommit);
        apply("initial-failure", initialFailure, builder::initialFailure);
        apply("acquire-timeout", acquireTimeout, builder::acquireTimeout);
        apply("release-timeout", releaseTimeout, builder::releaseTimeout);
        apply("validate-after-idle", validateAfterIdle, builder::validateAfterIdle);
        apply("max-waiting", maxWaiting, builder::maxWaiting);
        apply("database-errors", databaseErrors, builder::databaseErrors);
        apply("slow-lease-warning", slowLeaseWarning, builder::slowLeaseWarning);
        apply("max-lease", maxLease, builder::maxLease);
        apply("lease-idle-timeout", leaseIdleTimeout, builder::leaseIdleTimeout);
        apply("max-lifetime", maxLifetime, builder::maxLifetime);
        apply("idle-timeout", idleTimeout, builder::idleTimeout);
        apply("session-reset", sessionReset, builder::sessionReset);
        apply("verify-commits", verifyCommits, builder::verifyCommits);
        apply("trace-leases", traceLeases, builder::traceLeases);
        apply("register-m-bean", registerMBean, builder::registerMBean);
    }

    private static <T> void apply(String property, @Nullable T value, Consumer<T> option) {
        if (value == null) {
            return;
        }
        try {
            option.accept(value);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigurationPropertyValueException("pgmanaged." + property, value, e.getMessage());
        }
    }

    /** Without the connection string, which may have a password. */
    @Override
    public String toString() {
        return "PgmanagedProperties";
    }
}
