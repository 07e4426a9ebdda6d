package io.github.pgmanaged.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * An event of a manager. Its durations are fields of their own: an event's own duration is unknown if what it tells of
 * began before the recording.
 */
@Category("pgmanaged")
@StackTrace(false)
abstract class ManagerEvent extends Event {
    @Label("Manager")
    @Description("Its name; without one, its connection string without secrets")
    @Nullable
    String manager;
}
