package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import java.sql.SQLException;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObjectManager;

/** What few leases have to remember: the fields of their {@link CallLog} that most leases do without. */
final class Seldom {
    /** Makes what is raised when the outcome of a COMMIT is unknown: each time anew, since one may be suppressed. */
    volatile @Nullable Function<@Nullable SQLException, CommitOutcomeUnknownException> unknownOutcome;

    /** Its cause. Set before. */
    @Nullable
    SQLException unknownBecause;

    /** Why the lease is over, if it was not released. Set before the gate is shut. */
    volatile @Nullable String overSince;

    /** Whether it was taken from its holder. Set before the gate is shut. */
    volatile boolean revoked;

    /** The thread that waits for the last call to end. Written by the thread that drains. */
    volatile @Nullable Thread drainer;

    // Guarded by the log. Only errors, changed settings and what is left behind take the lock.
    @Nullable
    SQLException transactionError;

    ErrorStanding worst = ErrorStanding.NONE;
    CallLog.@Nullable Fatal fatal;
    boolean readOnlyRefused;

    @Nullable
    Set<Setting> changed;

    @Nullable
    Set<Residue> residue;

    @Nullable
    Set<String> listening;

    // What the driver gives once, for as long as the lease lives. Written in the gate.
    @Nullable
    FencedDatabaseMetaData metaData;

    @Nullable
    CopyManager copies;

    @Nullable
    LargeObjectManager largeObjects;

    @Nullable
    CommitOutcomeUnknownException unknownOutcome(@Nullable SQLException cause) {
        var outcome = unknownOutcome;
        return outcome == null ? null : outcome.apply(cause);
    }
}
