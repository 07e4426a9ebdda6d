package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A release has rolled back a transaction. */
@Name("io.github.pgmanaged.ForcedRollback")
@Label("Forced Rollback")
@Description("A release rolled back a transaction; the stack is that of the release")
@StackTrace
final class ForcedRollbackEvent extends ManagerEvent {
    @Label("Work Threw")
    @Description("Whether the work had thrown; if not, the transaction was left open by mistake")
    boolean workThrew;
}
