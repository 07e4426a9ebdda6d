package io.github.pgmanaged.cli.timeline;

import java.time.Instant;
import java.util.List;

/**
 * What a recording tells of one manager. Times are nanoseconds since the first moment that the recording tells of,
 * which is the same for all its managers.
 *
 * @param origin that moment
 * @param span from there to the last one
 * @param lanes the threads' names, each one different
 * @param leases by their start; none begins before the one before has ended
 * @param waits by their start
 * @param marks by their time
 */
public record History(
        String manager,
        Instant origin,
        long span,
        List<String> lanes,
        List<Lease> leases,
        List<Wait> waits,
        List<Mark> marks) {
    public History {
        lanes = List.copyOf(lanes);
        leases = List.copyOf(leases);
        waits = List.copyOf(waits);
        marks = List.copyOf(marks);
    }
}
