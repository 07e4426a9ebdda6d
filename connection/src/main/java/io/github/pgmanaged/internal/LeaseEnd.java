package io.github.pgmanaged.internal;

/** How a lease ended. */
public enum LeaseEnd {
    /** It was released, and the release had nothing to report. */
    RELEASED,
    /** It was released, and its transaction rolled back. */
    ROLLED_BACK,
    /** Its release failed, or broke off. */
    FAILED,
    /** Its session was lost, and a call found that out. */
    LOST,
    /** It was taken from its holder. */
    REVOKED,
    /** It was never released, and taken back. */
    ABANDONED
}
