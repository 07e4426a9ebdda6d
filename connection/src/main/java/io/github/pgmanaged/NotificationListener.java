package io.github.pgmanaged;

import java.sql.SQLException;

/**
 * Receives the messages of a channel. See {@link ManagedConnection#listen}.
 *
 * <p>Messages arrive once at least, in the order in which the server sends them. Where one may be missing,
 * {@link #onLost} and then {@link #onReady} are called: what was sent since the last message before, or since the last
 * {@code onReady}, and until this one, may never come. A dead line is noticed late, so {@code onLost} may be called
 * half a minute after the first message that is missing. {@link #onReady} is the place to look for what is to be done,
 * in a table.
 *
 * <p>The methods of one subscription are called one at a time, on the subscription's executor, and never by a thread
 * that holds the lease. They may use the manager. What they throw is logged, and the next call follows.
 *
 * <p>Thread safety: called by one thread at a time; each call sees what the one before has done.
 */
@FunctionalInterface
public interface NotificationListener {
    /** Why {@link #onReady} is called. */
    enum Reason {
        /** The subscription begins. */
        FIRST,
        /** Messages may have been missed: since the session was replaced, or the listener was too slow. */
        REOPENED
    }

    /**
     * LISTEN is in force, and no message has come since. Whatever is committed from now on is announced; whatever was
     * committed before can be seen, and nobody announces it.
     *
     * @param reason why it is called
     * @throws Exception whatever the listener throws; it is logged
     */
    default void onReady(Reason reason) throws Exception {}

    /**
     * A message.
     *
     * @param notification the message
     * @throws Exception whatever the listener throws; it is logged
     */
    void onNotification(Notification notification) throws Exception;

    /**
     * From now on messages may be missed, until {@link #onReady} is called with {@link Reason#REOPENED}. It is called
     * once for each gap.
     *
     * @param cause why
     */
    default void onLost(SQLException cause) {}
}
