package io.github.pgmanaged.cli.timeline;

import io.github.pgmanaged.cli.timeline.Mark.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import jdk.jfr.consumer.RecordedClass;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Reads a recording of the Flight Recorder. Of events other than pgmanaged's nothing is looked at but the name. */
public final class RecordingReader {
    private static final String PREFIX = "io.github.pgmanaged.";
    private static final Pattern OWN_CODE = Pattern.compile("io\\.github\\.pgmanaged\\.(internal\\.|[A-Z]).*");

    private final Map<String, HistoryBuilder> managers = new LinkedHashMap<>();

    private RecordingReader() {}

    /**
     * Reads all.
     *
     * @return a history of each manager, the one with the most leases first; none if the recording has no event of
     *     pgmanaged
     * @throws IOException if the file cannot be read, or is not a whole recording
     */
    public static List<History> read(Path file) throws IOException {
        RecordingReader reader = new RecordingReader();
        try (RecordingFile recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                reader.take(recording.readEvent());
            }
        } catch (IndexOutOfBoundsException
                | IllegalArgumentException
                | IllegalStateException
                | NullPointerException e) {
            throw new IOException("its contents are damaged (" + e + ")", e); // as the JDK's parser says it
        }
        return reader.histories();
    }

    private List<History> histories() {
        long origin = managers.values().stream()
                .mapToLong(HistoryBuilder::first)
                .min()
                .orElse(0);
        long last =
                managers.values().stream().mapToLong(HistoryBuilder::last).max().orElse(0);
        return managers.entrySet().stream()
                .map(manager -> manager.getValue().build(manager.getKey(), origin, last))
                .sorted((one, other) ->
                        Integer.compare(other.leases().size(), one.leases().size()))
                .toList();
    }

    private void take(RecordedEvent event) {
        String name = event.getEventType().getName();
        if (!name.startsWith(PREFIX) || !event.hasField("manager")) {
            return;
        }
        String manager = event.getString("manager");
        HistoryBuilder builder =
                managers.computeIfAbsent(manager == null ? "(without a name)" : manager, first -> new HistoryBuilder());
        long at = nanos(event.getStartTime());
        switch (name.substring(PREFIX.length())) {
            case "Lease" ->
                builder.addLease(
                        at,
                        event.getDuration("held").toNanos(),
                        holder(event, builder),
                        Outcome.of(event.getString("outcome")));
            case "LeaseWait" ->
                builder.addWait(
                        at, event.getDuration("waited").toNanos(), thread(event, builder), event.getBoolean("inVain"));
            case "ForcedRollback" -> builder.addMark(at, Kind.FORCED_ROLLBACK, thread(event, builder), rollback(event));
            case "LeaseRevoked" ->
                builder.addMark(
                        at,
                        Kind.REVOKED,
                        holder(event, builder),
                        text(event.getString("reason")) + ", held for " + millis(event.getDuration("held")));
            case "CommitUnknown" -> builder.addMark(at, Kind.COMMIT_UNKNOWN, thread(event, builder), "");
            case "SessionOpened" -> addOpening(event, builder, at);
            case "SessionClosed" ->
                builder.addMark(
                        at,
                        Kind.SESSION_CLOSED,
                        thread(event, builder),
                        text(event.getString("reason")).toLowerCase(Locale.ROOT).replace('_', ' '));
            default -> {} // a failed validation: the session is closed next, and that says why
        }
    }

    private static void addOpening(RecordedEvent event, HistoryBuilder builder, long at) {
        String time = millis(event.getDuration("openTime"));
        if (event.getValue("failure") instanceof RecordedClass failure) {
            String state = event.getString("sqlState");
            builder.addMark(
                    at,
                    Kind.OPENING_FAILED,
                    thread(event, builder),
                    failure.getName() + (state == null ? "" : ", SQLState " + state) + ", after " + time);
        } else {
            builder.addMark(at, Kind.SESSION_OPENED, thread(event, builder), "in " + time);
        }
    }

    /** What the release was part of: the first frame that is not the library's. */
    private static String rollback(RecordedEvent event) {
        String why = event.getBoolean("workThrew") ? "the work threw" : "the transaction was left open";
        if (event.getStackTrace() == null) {
            return why;
        }
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
            RecordedMethod method = frame.getMethod();
            if (frame.getLineNumber() >= 0 // not a lambda's
                    && !OWN_CODE.matcher(method.getType().getName()).matches()) {
                return why + "; released in " + method.getType().getName() + "." + method.getName() + ":"
                        + frame.getLineNumber();
            }
        }
        return why;
    }

    /** A thread that has ended is no thread in a recording any more; mostly it wrote the event itself. */
    private static long holder(RecordedEvent event, HistoryBuilder builder) {
        RecordedThread holder = event.getThread("holder");
        RecordedThread writer = event.getThread();
        String name = event.getString("holderName");
        if (holder == null && writer != null && name != null && name.equals(writer.getJavaName())) {
            holder = writer;
        }
        return builder.lanes().key(holder == null ? 0 : holder.getJavaThreadId(), name);
    }

    private static long thread(RecordedEvent event, HistoryBuilder builder) {
        RecordedThread thread = event.getThread();
        return thread == null
                ? builder.lanes().key(0, null)
                : builder.lanes().key(thread.getJavaThreadId(), thread.getJavaName());
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String millis(Duration time) {
        return String.format(Locale.ROOT, "%.1f ms", time.toNanos() / 1e6);
    }

    private static long nanos(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
    }
}
