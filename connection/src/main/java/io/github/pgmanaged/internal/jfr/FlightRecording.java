package io.github.pgmanaged.internal.jfr;

import io.github.pgmanaged.internal.Events;
import java.util.Optional;

/** Where there is a Flight Recorder, a listener that tells it of a manager's events. */
public final class FlightRecording {
    private FlightRecording() {}

    /** A listener; empty if the JDK has no module jdk.jfr, or it is not among those that the program runs with. */
    public static Optional<Events> of(String manager) {
        try {
            return Optional.of(new FlightRecorderListener(manager));
        } catch (LinkageError absent) {
            return Optional.empty();
        }
    }
}
