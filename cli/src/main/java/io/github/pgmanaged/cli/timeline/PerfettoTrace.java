package io.github.pgmanaged.cli.timeline;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Histories in Perfetto's own form: TrackEvents in Protocol Buffers. The numbers of fields are those of Perfetto's
 * {@code protos/perfetto/trace/}: trace_packet, track_event/*, interned_data, clock_snapshot.
 *
 * <p>A manager is a track, its threads and the depth of its queue are tracks beneath it. There is one sequence of
 * packets; the first one declares the names that the others only number. Times are those since 1970, as nanoseconds.
 */
public final class PerfettoTrace {
    private static final int SEQUENCE = 1;
    private static final int INCREMENTAL_STATE_CLEARED = 1;
    private static final int NEEDS_INCREMENTAL_STATE = 2;
    private static final int REALTIME = 1;
    private static final int BOOTTIME = 6;
    private static final int UNIT_COUNT = 2;
    private static final int SLICE_BEGIN = 1;
    private static final int SLICE_END = 2;
    private static final int INSTANT = 3;
    private static final int COUNTER = 4;

    /** Interned: what is numbered from 1 on, in this order. */
    private static final List<String> NAMES = names();

    private static final String CATEGORY = "pgmanaged";
    private static final List<String> ANNOTATIONS = List.of("waited_ns", "opening_ns", "what");
    private static final int WAITED = 1;
    private static final int OPENING = 2;
    private static final int WHAT = 3;
    private static final String WAITING = "waiting";
    private static final String WAITING_IN_VAIN = "waiting, in vain";

    private final OutputStream out;
    private long lastTrack;

    private PerfettoTrace(OutputStream out) {
        this.out = out;
    }

    private record Slice(long start, long end, String name, long waited, long opening) {}

    /** Writes a trace. */
    public static void write(OutputStream out, List<History> histories) throws IOException {
        PerfettoTrace trace = new PerfettoTrace(out);
        trace.begin(histories.isEmpty() ? 0 : nanos(histories.get(0)));
        for (History history : histories) {
            trace.add(history);
        }
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Outcome outcome : Outcome.values()) {
            names.add(name(outcome));
        }
        for (Mark.Kind kind : Mark.Kind.values()) {
            names.add(kind.text());
        }
        names.add(WAITING);
        names.add(WAITING_IN_VAIN);
        return List.copyOf(names);
    }

    private static String name(Outcome outcome) {
        return outcome == Outcome.RELEASED ? "lease" : "lease: " + outcome.text();
    }

    private static long nanos(History history) {
        return Duration.between(Instant.EPOCH, history.origin()).toNanos();
    }

    /** The names, and that the trace's clock is the wall clock. */
    private void begin(long origin) throws IOException {
        ProtoMessage interned = new ProtoMessage();
        interned.message(1, named(1, CATEGORY)); // event_categories
        for (int i = 0; i < NAMES.size(); i++) {
            interned.message(2, named(i + 1L, NAMES.get(i))); // event_names
        }
        for (int i = 0; i < ANNOTATIONS.size(); i++) {
            interned.message(3, named(i + 1L, ANNOTATIONS.get(i))); // debug_annotation_names
        }
        ProtoMessage first = new ProtoMessage();
        first.field(10, SEQUENCE); // trusted_packet_sequence_id
        first.message(12, interned); // interned_data
        first.field(13, INCREMENTAL_STATE_CLEARED); // sequence_flags
        first.field(87, 1); // first_packet_on_sequence
        write(first);
        ProtoMessage clocks = new ProtoMessage();
        for (int clock : new int[] {REALTIME, BOOTTIME}) {
            ProtoMessage reading = new ProtoMessage();
            reading.field(1, clock); // clock_id
            reading.field(2, origin); // timestamp
            clocks.message(1, reading); // clocks
        }
        ProtoMessage second = new ProtoMessage();
        second.field(8, origin); // timestamp
        second.message(6, clocks); // clock_snapshot
        writeInSequence(second);
    }

    private static ProtoMessage named(long iid, String name) {
        ProtoMessage entry = new ProtoMessage();
        entry.field(1, iid);
        entry.text(2, name);
        return entry;
    }

    private void add(History history) throws IOException {
        long origin = nanos(history);
        long manager = track(0, history.manager(), false);
        long queue = track(manager, "threads waiting", true);
        long firstLane = lastTrack + 1;
        for (String lane : history.lanes()) {
            track(manager, lane, false);
        }
        List<List<Slice>> slices = slices(history);
        for (int lane = 0; lane < slices.size(); lane++) {
            writeSlices(slices.get(lane), firstLane + lane, origin);
        }
        for (Mark mark : history.marks()) {
            ProtoMessage event = event(INSTANT, mark.lane() < 0 ? manager : firstLane + mark.lane());
            event.field(10, iid(mark.kind().text())); // name_iid
            if (!mark.text().isEmpty()) {
                ProtoMessage what = new ProtoMessage();
                what.field(1, WHAT); // name_iid
                what.text(6, mark.text()); // string_value
                event.message(4, what); // debug_annotations
            }
            write(event, origin + mark.at());
        }
        List<long[]> depths = new ArrayList<>();
        new QueueDepth(history.waits()).walk((at, depth) -> depths.add(new long[] {at, depth}));
        for (long[] depth : depths) {
            ProtoMessage event = new ProtoMessage();
            event.field(9, COUNTER); // type
            event.field(11, queue); // track_uuid
            event.field(30, depth[1]); // counter_value
            write(event, origin + depth[0]);
        }
    }

    /** What a thread does after another, so that no slice is within another one. */
    private static List<List<Slice>> slices(History history) {
        List<List<Slice>> lanes = new ArrayList<>();
        history.lanes().forEach(lane -> lanes.add(new ArrayList<>()));
        for (Lease lease : history.leases()) {
            List<Slice> lane = lanes.get(lease.lane());
            if (lease.waited() > 0) {
                lane.add(new Slice(lease.asked(), lease.turn(), WAITING, 0, 0));
            }
            lane.add(new Slice(lease.start(), lease.end(), name(lease.outcome()), lease.waited(), lease.opening()));
        }
        for (Wait wait : history.waits()) {
            if (!wait.leased() && wait.lane() >= 0) {
                String name = wait.inVain() ? WAITING_IN_VAIN : WAITING;
                lanes.get(wait.lane()).add(new Slice(wait.start(), wait.end(), name, 0, 0));
            }
        }
        lanes.forEach(lane -> lane.sort(Comparator.comparingLong(Slice::start)));
        return lanes;
    }

    private void writeSlices(List<Slice> slices, long track, long origin) throws IOException {
        for (int i = 0; i < slices.size(); i++) {
            Slice slice = slices.get(i);
            ProtoMessage begin = event(SLICE_BEGIN, track);
            begin.field(10, iid(slice.name)); // name_iid
            annotate(begin, WAITED, slice.waited);
            annotate(begin, OPENING, slice.opening);
            write(begin, origin + slice.start);
            long end = i + 1 < slices.size() ? Math.min(slice.end, slices.get(i + 1).start) : slice.end;
            ProtoMessage over = new ProtoMessage();
            over.field(9, SLICE_END); // type
            over.field(11, track); // track_uuid
            write(over, origin + end);
        }
    }

    private static void annotate(ProtoMessage event, int name, long nanos) {
        if (nanos > 0) {
            ProtoMessage annotation = new ProtoMessage();
            annotation.field(1, name); // name_iid
            annotation.field(3, nanos); // uint_value
            event.message(4, annotation); // debug_annotations
        }
    }

    private static long iid(String name) {
        return NAMES.indexOf(name) + 1L;
    }

    private static ProtoMessage event(int type, long track) {
        ProtoMessage event = new ProtoMessage();
        event.field(3, 1); // category_iids
        event.field(9, type);
        event.field(11, track); // track_uuid
        return event;
    }

    private long track(long parent, String name, boolean counter) throws IOException {
        lastTrack++;
        ProtoMessage track = new ProtoMessage();
        track.field(1, lastTrack); // uuid
        track.text(2, name);
        if (parent != 0) {
            track.field(5, parent); // parent_uuid
        }
        if (counter) {
            ProtoMessage descriptor = new ProtoMessage();
            descriptor.field(3, UNIT_COUNT); // unit
            track.message(8, descriptor); // counter
        }
        ProtoMessage packet = new ProtoMessage();
        packet.message(60, track); // track_descriptor
        writeInSequence(packet);
        return lastTrack;
    }

    private void write(ProtoMessage event, long at) throws IOException {
        ProtoMessage packet = new ProtoMessage();
        packet.field(8, at); // timestamp
        packet.message(11, event); // track_event
        writeInSequence(packet);
    }

    private void writeInSequence(ProtoMessage packet) throws IOException {
        packet.field(10, SEQUENCE); // trusted_packet_sequence_id
        packet.field(13, NEEDS_INCREMENTAL_STATE); // sequence_flags
        write(packet);
    }

    private void write(ProtoMessage packet) throws IOException {
        ProtoMessage trace = new ProtoMessage();
        trace.message(1, packet); // packet
        out.write(trace.toByteArray());
    }
}
