package io.github.pgmanaged.internal.session;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** No session could be opened in time. The lease layer makes of it what its caller sees. */
public final class NoSessionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final @Nullable String doing;
    private final @Nullable SQLException lastFailure;

    NoSessionException(@Nullable String doing, @Nullable SQLException lastFailure) {
        super("no session in time", lastFailure, false, false);
        this.doing = doing;
        this.lastFailure = lastFailure;
    }

    /** What the attempt that is still under way was doing; null if none is. */
    public @Nullable String doing() {
        return doing;
    }

    /** How the last attempt of this acquisition failed; null if none has. */
    public @Nullable SQLException lastFailure() {
        return lastFailure;
    }
}
