package io.github.pgmanaged.internal.fence;

/**
 * What the leases of one session have in common.
 *
 * @param harmless what is known of the texts that the session has seen
 * @param hearing what becomes of its notifications
 */
public record SessionContext(HarmlessTexts harmless, Hearing hearing) {
    /** Of a session that has just been opened. */
    public SessionContext(Hearing hearing) {
        this(new HarmlessTexts(), hearing);
    }
}
