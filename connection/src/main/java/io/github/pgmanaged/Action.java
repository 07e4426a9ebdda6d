package io.github.pgmanaged;

import java.sql.SQLException;

/**
 * Work on a lease that has no result.
 *
 * @param <X> the exception that the work may throw beside {@link SQLException}; it reaches the caller as it is
 */
@FunctionalInterface
public interface Action<X extends Exception> {
    /**
     * Does the work.
     *
     * @param connection the lease; it must not be used after the work has returned
     * @throws SQLException if the database says so
     * @throws X whatever the work throws
     */
    void run(Lease connection) throws SQLException, X;
}
