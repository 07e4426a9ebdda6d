package io.github.pgmanaged;

import java.sql.SQLNonTransientException;
import org.jspecify.annotations.Nullable;

/**
 * A thread that holds the lease tried to acquire it again. It would wait for itself, so the call fails at once. The
 * message says since when it has the lease, and what it did with it last. Where it acquired it, which the cause has the
 * stack of, is recorded from a manager's first such exception on. If a well-known program wants a second connection
 * (Flyway, Hibernate, Quartz, Spring, ...), the message says what to change there. An acquisition by the data source or
 * the {@code onOpen} hook while it opens the session fails so, too. SQLState 55006 (object_in_use).
 */
public final class ReentrantAcquireException extends SQLNonTransientException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message how the thread comes to have the lease, and what to change
     * @param acquiredAt its stack is where the lease was acquired; null if that is not known
     */
    public ReentrantAcquireException(String message, @Nullable Throwable acquiredAt) {
        super(message, "55006", acquiredAt);
    }
}
