package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** An attempt to open a session has ended. */
@Name("io.github.pgmanaged.SessionOpened")
@Label("Session Opened")
@Description("An attempt to open a session ended, well or not")
final class SessionOpenedEvent extends ManagerEvent {
    @Label("Open Time")
    @Timespan(Timespan.NANOSECONDS)
    long openTime;

    @Label("Failure")
    @Description("The type of the exception; none if the session was opened")
    @Nullable
    Class<?> failure;

    @Label("SQLState")
    @Nullable
    String sqlState;
}
