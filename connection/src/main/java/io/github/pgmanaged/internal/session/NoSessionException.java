package io.github.pgmanaged.internal.session;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** No session could be opened in time. The lease layer makes of it what its caller sees. */
public final class NoSessionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final @Nullable String doing;
    private final transient @Nullable AttemptFailure lastFailure;
    private final boolean paused;

    NoSessionException(@Nullable String doing, @Nullable AttemptFailure lastFailure) {
        this(doing, lastFailure, false);
    }

    private NoSessionException(@Nullable String doing, @Nullable AttemptFailure lastFailure, boolean paused) {
        super("no session in time", null, false, false);
        this.doing = doing;
        this.lastFailure = lastFailure;
        this.paused = paused;
    }

    /** No attempt is begun in a pause. */
    static NoSessionException paused() {
        return new NoSessionException(null, null, true);
    }

    /** Whether a pause is why; the time may not be up then. */
    public boolean isPaused() {
        return paused;
    }

    /** What the attempt that is still under way was doing; null if none is. */
    public @Nullable String doing() {
        return doing;
    }

    /** How the last attempt of this acquisition failed; null if none has. */
    public @Nullable SQLException lastFailure() {
        return lastFailure == null ? null : lastFailure.asSqlException();
    }

    /** What that failure says; null if none has failed. */
    public @Nullable String lastMessage() {
        return lastFailure == null ? null : lastFailure.message();
    }
}
