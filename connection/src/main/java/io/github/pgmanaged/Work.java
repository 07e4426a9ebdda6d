package io.github.pgmanaged;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Work on a lease, with a result. The manager acquires the lease before and releases it after: the lease, and what came
 * from it, must not be kept, and a result set must be read before the work returns.
 *
 * <p>Thread safety: called by the thread that asked for the lease, once at most for each call of the manager's.
 *
 * @param <R> the type of the result
 * @param <X> the exception that the work may throw besides {@link SQLException}; it reaches the caller unwrapped
 */
@FunctionalInterface
public interface Work<R extends @Nullable Object, X extends Exception> {
    /**
     * Does the work.
     *
     * @param connection the lease; not usable after the work has returned
     * @return the result
     * @throws SQLException if a call on the lease fails
     * @throws X whatever the work throws
     */
    R run(Lease connection) throws SQLException, X;
}
