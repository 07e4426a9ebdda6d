package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** A lease has ended. Any thread may have ended it. */
@Name("io.github.pgmanaged.Lease")
@Label("Lease")
@Description("A lease ended")
final class LeaseEvent extends ManagerEvent {
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

    @Label("Outcome")
    @Nullable
    String outcome;
}
