package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** A thread has waited for the lease; that is the thread of the event. */
@Name("io.github.pgmanaged.LeaseWait")
@Label("Lease Wait")
@Description("A thread waited for the lease")
final class LeaseWaitEvent extends ManagerEvent {
    @Label("Waited")
    @Timespan(Timespan.NANOSECONDS)
    long waited;

    @Label("In Vain")
    @Description("Whether it gave up before its turn came")
    boolean inVain;
}
