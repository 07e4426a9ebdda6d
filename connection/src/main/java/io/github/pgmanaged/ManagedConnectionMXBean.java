package io.github.pgmanaged;

import org.jspecify.annotations.Nullable;

/**
 * A manager in JMX, if it was built with {@code registerMBean(true)}. Its name is
 * {@code io.github.pgmanaged:type=ManagedConnection,name="..."}, with the manager's name, or else its connection string
 * without secrets, in quotes; a further manager of the same name adds {@code ,number=2}.
 *
 * <p>Times are in milliseconds. No attribute blocks or asks the server. Thread safety: safe.
 */
public interface ManagedConnectionMXBean {
    /**
     * Who has the lease, and what it is doing, in one line.
     *
     * @return {@code null} if nobody has it
     */
    @Nullable
    String getHolder();

    /**
     * Where the holder's thread is now.
     *
     * @return its stack, innermost call first; empty if nobody has the lease
     */
    String[] getHolderStack();

    /**
     * Where the holder acquired the lease.
     *
     * @return the stack of then; empty if it is not known
     */
    String[] getHolderAcquiredAt();

    /**
     * How long the lease has been held.
     *
     * @return milliseconds; 0 if nobody has it
     */
    long getHolderMillis();

    /**
     * How long the holder has said nothing to the server.
     *
     * @return milliseconds; 0 if a call is under way
     */
    long getHolderIdleMillis();

    /**
     * Threads that wait for the lease.
     *
     * @return how many
     */
    int getWaiting();

    /**
     * How long the first in the queue has waited.
     *
     * @return milliseconds; 0 if none waits
     */
    long getFirstWaitMillis();

    /**
     * The session's transaction status.
     *
     * @return as {@link ManagedConnection#status()}
     */
    TransactionStatus getStatus();

    /**
     * Whether nobody gets a lease at present.
     *
     * @return as {@link ManagedConnection#isPaused()}
     */
    boolean isPaused();

    /**
     * As {@link Stats#leases()}.
     *
     * @return how many
     */
    long getLeases();

    /**
     * As {@link Stats#timeouts()}.
     *
     * @return how many
     */
    long getTimeouts();

    /**
     * As {@link Stats#interrupts()}.
     *
     * @return how many
     */
    long getInterrupts();

    /**
     * As {@link Stats#rejections()}.
     *
     * @return how many
     */
    long getRejections();

    /**
     * As {@link Stats#opened()}.
     *
     * @return how many
     */
    long getOpened();

    /**
     * As {@link Stats#openingFailures()}.
     *
     * @return how many
     */
    long getOpeningFailures();

    /**
     * As {@link Stats#closed()}.
     *
     * @return how many
     */
    long getClosed();

    /**
     * As {@link Stats#validationFailures()}.
     *
     * @return how many
     */
    long getValidationFailures();

    /**
     * As {@link Stats#rollbacks()}.
     *
     * @return how many
     */
    long getRollbacks();

    /**
     * As {@link Stats#openTransactions()}.
     *
     * @return how many
     */
    long getOpenTransactions();

    /**
     * As {@link Stats#commitsUnknown()}.
     *
     * @return how many
     */
    long getCommitsUnknown();

    /**
     * As {@link Stats#abandoned()}.
     *
     * @return how many
     */
    long getAbandoned();

    /**
     * As {@link Stats#revoked()}.
     *
     * @return how many
     */
    long getRevoked();

    /**
     * As {@link Stats#waits()}.
     *
     * @return how many
     */
    long getWaits();

    /**
     * As {@link Stats#totalWait()}.
     *
     * @return milliseconds
     */
    long getTotalWaitMillis();

    /**
     * As {@link Stats#longestWait()}.
     *
     * @return milliseconds
     */
    long getLongestWaitMillis();

    /**
     * As {@link Stats#totalHold()}.
     *
     * @return milliseconds
     */
    long getTotalHoldMillis();

    /**
     * As {@link Stats#longestHold()}.
     *
     * @return milliseconds
     */
    long getLongestHoldMillis();

    /** As {@link ManagedConnection#pause()}. */
    void pause();

    /** As {@link ManagedConnection#resume()}. */
    void resume();

    /**
     * As {@link ManagedConnection#drain}.
     *
     * @param timeoutMillis how long to wait for the holder; zero does not
     * @return whether the session is closed
     */
    boolean drain(long timeoutMillis);

    /** As {@link ManagedConnection#reset()}. */
    void reset();

    /**
     * As {@link ManagedConnection#revoke}.
     *
     * @param reason for the holder
     * @return whether a lease was taken away
     */
    boolean revoke(String reason);
}
