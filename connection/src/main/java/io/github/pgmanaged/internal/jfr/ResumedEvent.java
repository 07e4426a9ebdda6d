package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/** A pause of the manager is over. */
@Name("io.github.pgmanaged.Resumed")
@Label("Resumed")
@Description("A pause of the manager is over, in which nobody got the lease")
final class ResumedEvent extends ManagerEvent {
    @Label("Paused")
    @Timespan(Timespan.NANOSECONDS)
    long paused;
}
