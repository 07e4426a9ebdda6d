package io.github.pgmanaged;

/**
 * A listener's subscription to a channel. It lasts until it, or its manager, is closed.
 *
 * <p>Thread safety: safe.
 */
public interface Subscription extends AutoCloseable {
    /**
     * The channel.
     *
     * @return its name, as it was given
     */
    String channel();

    /**
     * Ends the subscription: no call of the listener begins any more, and messages that it has not had yet are dropped.
     * Waits for the call that is under way, for the manager's {@code releaseTimeout} at most; not if this is called by
     * the listener itself, nor if the thread is interrupted. Repeated calls do nothing.
     */
    @Override
    void close();
}
