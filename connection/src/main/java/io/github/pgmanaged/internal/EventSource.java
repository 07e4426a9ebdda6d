package io.github.pgmanaged.internal;

/**
 * A manager to whose events one can listen. Its data source unwraps to this.
 *
 * <p>Thread safety: implementations are safe.
 */
public interface EventSource {
    /** The manager's name, or else what it connects to, without a secret. */
    String name();

    /** From now on, tells a listener. What it throws gets in nobody's way; it must not block. */
    void addListener(Events listener);

    /** Tells a listener no more; a call of it that is under way goes on. */
    void removeListener(Events listener);
}
