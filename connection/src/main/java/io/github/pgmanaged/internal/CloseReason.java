package io.github.pgmanaged.internal;

/** Why a session was closed. */
public enum CloseReason {
    /** The release closed it in good order: the holder asked for it, an error left doubt, or an object escaped. */
    RELEASE,
    /** The release could not settle it, and cut it. */
    RELEASE_FAILED,
    /** The connection was lost under a lease, or between two. */
    LOST,
    /** It did not answer a validation, or was no longer what was asked for. */
    VALIDATION,
    /** {@code maxLifetime} was over. */
    LIFETIME,
    /** {@code idleTimeout} was over. */
    IDLE,
    /** {@code reset()} was called. */
    RESET,
    /** {@code drain()} was called. */
    DRAINED,
    /** Its lease was revoked or abandoned. */
    REVOKED,
    /** An acquisition failed after the session was open. */
    ACQUIRE_FAILED,
    /** The manager was closed. */
    MANAGER_CLOSED
}
