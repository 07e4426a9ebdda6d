package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A lease was taken from its holder. */
@Name("io.github.pgmanaged.LeaseRevoked")
@Label("Lease Revoked")
@Description("A lease was taken from its holder")
final class LeaseRevokedEvent extends ManagerEvent {
    @Label("Holder")
    @Description("The thread that acquired the lease")
    @Nullable
    Thread holder;

    @Label("Holder Name")
    @Description("Its name, also of a thread that has ended")
    @Nullable
    String holderName;

    @Label("Held")
    @Timespan(Timespan.NANOSECONDS)
    long held;

    @Label("Reason")
    @Description("The option whose bound it exceeded, the reason that the caller of revoke gave, or abandoned")
    @Nullable
    String reason;
}
