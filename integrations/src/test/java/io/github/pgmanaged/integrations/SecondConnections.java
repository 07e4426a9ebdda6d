package io.github.pgmanaged.integrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.ReentrantAcquireException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a library makes of the refusal of a second connection. */
public final class SecondConnections {
    private SecondConnections() {}

    /**
     * The refusal, somewhere among the causes of what the call throws; its own cause is where the first one is held.
     */
    public static Throwable refusedTo(ThrowingCallable call) {
        return refusalIn(catchThrowable(call));
    }

    /** The same, where the refusal says what to change. */
    public static void refusedTo(ThrowingCallable call, String cure) {
        assertThat(refusedTo(call)).hasMessageContaining(cure);
    }

    /** The refusal among the causes of what was thrown. */
    public static Throwable refusalIn(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ReentrantAcquireException refusal) {
                return refusal;
            }
        }
        assertThat(thrown).as("a second connection must be refused").isInstanceOf(ReentrantAcquireException.class);
        throw new AssertionError();
    }
}
