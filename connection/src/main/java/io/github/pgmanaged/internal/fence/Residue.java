package io.github.pgmanaged.internal.fence;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What SQL can leave in a session for the next lease: a kind for each thing that can be cleared by itself. */
public enum Residue {
    /** Settings. */
    SETTINGS,
    /** Statements that the driver has prepared under another {@code search_path}. */
    PATH,
    /** Another role or session authorization. */
    ROLE,
    /** Statements that SQL has prepared. */
    STATEMENTS,
    /** Cursors that outlive their transaction. */
    CURSORS,
    /** Channels that are listened to, and notifications. */
    LISTENING,
    /** Channels that are not listened to any more, though others have asked for that. */
    UNLISTENED,
    /** Temporary tables and the like. */
    TEMPORARY,
    /** Advisory locks. */
    LOCKS,
    /** What {@code random()} gives next. */
    SEED,
    /** What stays for as long as the session does. */
    LASTING;

    /** All that can be cleared: what a statement may leave that hides what it does. */
    public static final Set<Residue> ANYTHING =
            Collections.unmodifiableSet(EnumSet.complementOf(EnumSet.of(LASTING, UNLISTENED)));
}
