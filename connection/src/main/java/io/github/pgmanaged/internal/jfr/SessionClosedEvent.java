package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A session was closed. */
@Name("io.github.pgmanaged.SessionClosed")
@Label("Session Closed")
@Description("A session was closed; the next lease opens another")
final class SessionClosedEvent extends ManagerEvent {
    @Label("Reason")
    @Nullable
    String reason;
}
