package io.github.pgmanaged.cli.timeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A recording's histories in words, for the tests of other packages. */
public final class Told {
    private Told() {}

    /** A line each: leases, waits in vain and marks of a manager, without their times. */
    public static List<String> of(Path recording, String manager) throws IOException {
        History history = RecordingReader.read(recording).stream()
                .filter(one -> one.manager().equals(manager))
                .findFirst()
                .orElseThrow();
        List<String> lines = new ArrayList<>();
        for (Lease lease : history.leases()) {
            lines.add(history.lanes().get(lease.lane()) + ": " + lease.outcome().text()
                    + (lease.waited() > 0 ? ", waited" : "") + (lease.opening() > 0 ? ", opened" : ""));
        }
        for (Mark mark : history.marks()) {
            String lane = mark.lane() < 0 ? "" : history.lanes().get(mark.lane()) + ": ";
            lines.add(lane + mark.kind().text() + ": " + mark.text().replaceAll("[0-9.]+ ms", "N ms"));
        }
        return lines;
    }

    /** The managers, the one with the most leases first. */
    public static List<String> managers(Path recording) throws IOException {
        return RecordingReader.read(recording).stream().map(History::manager).toList();
    }

    /** Whether everything is within the time, in order, and one after the other. */
    public static boolean isSound(Path recording) throws IOException {
        return RecordingReader.read(recording).stream().allMatch(history -> {
            long before = 0;
            for (Lease lease : history.leases()) {
                if (lease.start() < before
                        || lease.end() < lease.start()
                        || lease.end() > history.span()
                        || lease.asked() < 0) {
                    return false;
                }
                before = lease.end();
            }
            return Stream.concat(
                            history.waits().stream().map(Wait::start),
                            history.marks().stream().map(Mark::at))
                    .allMatch(time -> time >= 0 && time <= history.span());
        });
    }
}
