package io.github.pgmanaged.internal.fence;

/**
 * The call after which the server first reported a transaction.
 *
 * @param statement its text, or the name of the method
 * @param thread the thread that made it
 * @param nanoTime when it came back
 */
public record TransactionStart(String statement, Thread thread, long nanoTime) {}
