package io.github.pgmanaged.benchmarks.profile;

import io.github.pgmanaged.benchmarks.results.LeaseProfile.Spent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/** Counts the samples of a recording by room and step. */
final class Tally {
    private static final String SAMPLE = "jdk.ExecutionSample";

    private final Map<Spent, Long> counts = new HashMap<>();

    private Tally() {}

    /** Of a file in the Flight Recorder's format. */
    static List<Spent> of(Path recording) throws IOException {
        Tally tally = new Tally();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals(SAMPLE) && event.getStackTrace() != null) {
                    tally.add(event.getStackTrace().getFrames(), thread(event));
                }
            }
        }
        return tally.counts.entrySet().stream()
                .map(each -> new Spent(
                        each.getKey().room(),
                        each.getKey().step(),
                        each.getKey().kernel(),
                        each.getValue()))
                .sorted(Comparator.comparingLong(Spent::samples).reversed())
                .toList();
    }

    private static String thread(RecordedEvent event) {
        RecordedThread thread = event.getThread("sampledThread");
        return thread == null ? "" : Objects.requireNonNullElse(thread.getOSName(), "");
    }

    /** The innermost frame first. */
    private void add(List<RecordedFrame> frames, String thread) {
        String room = null;
        String step = null;
        for (RecordedFrame frame : frames) {
            RecordedMethod method = frame.getMethod();
            String type = method.getType() == null
                    ? ""
                    : Objects.requireNonNullElse(method.getType().getName(), "");
            if (room == null) {
                room = Rooms.of(type, method.getName());
            }
            if (Rooms.isStep(type)) {
                step = type.substring(type.lastIndexOf('.') + 1).replaceFirst("\\$\\$.*", "") + "." + method.getName();
                break;
            }
        }
        boolean kernel = !frames.isEmpty() && frames.get(0).getType().equals("Kernel");
        Spent place = new Spent(
                room == null ? Rooms.ofThread(thread) : room, Objects.requireNonNullElse(step, "JVM"), kernel, 0);
        counts.merge(place, 1L, Long::sum);
    }
}
