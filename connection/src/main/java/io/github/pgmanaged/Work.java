package io.github.pgmanaged;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Work on a lease that has a result.
 *
 * @param <R> the result's type
 * @param <X> the exception that the work may throw beside {@link SQLException}; it reaches the caller as it is
 */
@FunctionalInterface
public interface Work<R extends @Nullable Object, X extends Exception> {
    /**
     * Does the work.
     *
     * @param connection the lease; it must not be used after the work has returned
     * @return the result
     * @throws SQLException if the database says so
     * @throws X whatever the work throws
     */
    R run(Lease connection) throws SQLException, X;
}
