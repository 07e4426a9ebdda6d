package io.github.pgmanaged.cli.timeline;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts what the events say of one manager in order. Times are nanoseconds since 1970 until {@link #build}. */
final class HistoryBuilder {
    /** Two clocks are in an event: its time is the Flight Recorder's, its durations are System.nanoTime()'s. */
    private static final long SLACK = 1_000_000;

    private static final long DRIFT = 1000;

    private final Lanes lanes = new Lanes();
    private final List<RawLease> leases = new ArrayList<>();
    private final List<RawWait> waits = new ArrayList<>();
    private final List<RawMark> marks = new ArrayList<>();
    private final List<Long> openings = new ArrayList<>();

    private record RawLease(long start, long end, long thread, Outcome outcome) {}

    private record RawWait(long start, long end, long thread, boolean inVain) {}

    private record RawMark(long at, Mark.Kind kind, long thread, String text) {}

    /** The threads of this manager. */
    Lanes lanes() {
        return lanes;
    }

    void addLease(long end, long held, long thread, Outcome outcome) {
        leases.add(new RawLease(end - Math.max(0, held), end, thread, outcome));
    }

    void addWait(long end, long waited, long thread, boolean inVain) {
        waits.add(new RawWait(end - Math.max(0, waited), end, thread, inVain));
        if (inVain) {
            addMark(end, Mark.Kind.GAVE_UP, thread, "");
        }
    }

    void addMark(long at, Mark.Kind kind, long thread, String text) {
        marks.add(new RawMark(at, kind, thread, text));
        if (kind == Mark.Kind.SESSION_OPENED) {
            openings.add(at);
        }
    }

    /** The first moment that it knows of. */
    long first() {
        long first = Long.MAX_VALUE;
        for (RawLease lease : leases) {
            first = Math.min(first, lease.start);
        }
        for (RawWait wait : waits) {
            first = Math.min(first, wait.start);
        }
        for (RawMark mark : marks) {
            first = Math.min(first, mark.at);
        }
        return first;
    }

    /** The last moment that it knows of. */
    long last() {
        long last = Long.MIN_VALUE;
        for (RawLease lease : leases) {
            last = Math.max(last, lease.end);
        }
        for (RawWait wait : waits) {
            last = Math.max(last, wait.end);
        }
        for (RawMark mark : marks) {
            last = Math.max(last, mark.at);
        }
        return last;
    }

    /** The history, in time since the origin. */
    History build(String manager, long origin, long last) {
        Set<Long> used = new HashSet<>();
        leases.forEach(lease -> used.add(lease.thread));
        waits.forEach(wait -> used.add(wait.thread));
        Lanes.Layout layout = lanes.layOut(used);
        Set<RawWait> leased = new HashSet<>();
        List<Lease> ordered = orderedLeases(layout, origin, leased);
        List<Wait> orderedWaits = waits.stream()
                .map(wait -> new Wait(
                        wait.start - origin,
                        wait.end - origin,
                        layout.of(wait.thread),
                        wait.inVain,
                        leased.contains(wait)))
                .sorted(Comparator.comparingLong(Wait::start))
                .toList();
        List<Mark> orderedMarks = marks.stream()
                .map(mark -> new Mark(mark.at - origin, mark.kind, layout.of(mark.thread), mark.text))
                .sorted(Comparator.comparingLong(Mark::at))
                .toList();
        Instant first = Instant.ofEpochSecond(origin / 1_000_000_000, origin % 1_000_000_000);
        return new History(manager, first, last - origin, layout.names(), ordered, orderedWaits, orderedMarks);
    }

    /** An event is written when the turn has passed on, so a lease seems to last a little into the next one. */
    private List<Lease> orderedLeases(Lanes.Layout layout, long origin, Set<RawWait> leased) {
        leases.sort(Comparator.comparingLong(RawLease::start).thenComparingLong(RawLease::end));
        Map<RawLease, RawWait> before = waitsBefore(layout);
        List<Lease> ordered = new ArrayList<>(leases.size());
        for (int i = 0; i < leases.size(); i++) {
            RawLease lease = leases.get(i);
            long end = i + 1 < leases.size() ? Math.min(lease.end, leases.get(i + 1).start) : lease.end;
            long waited = 0;
            long opening = 0;
            RawWait wait = before.get(lease);
            if (wait != null && leased.add(wait)) {
                waited = wait.end - wait.start;
                opening = Math.max(0, lease.start - wait.end);
            }
            ordered.add(new Lease(
                    lease.start - origin, end - origin, layout.of(lease.thread), lease.outcome, waited, opening));
        }
        return ordered;
    }

    /** A thread's last wait before its lease, unless something else came of it. */
    private Map<RawLease, RawWait> waitsBefore(Lanes.Layout layout) {
        long[] opened = openings.stream().mapToLong(Long::longValue).sorted().toArray();
        Map<Integer, Deque<RawWait>> queues = new HashMap<>();
        waits.sort(Comparator.comparingLong(RawWait::end));
        waits.forEach(wait -> queues.computeIfAbsent(layout.of(wait.thread), first -> new ArrayDeque<>())
                .add(wait));
        Map<RawLease, RawWait> before = new HashMap<>();
        for (RawLease lease : leases) {
            Deque<RawWait> queue = queues.getOrDefault(layout.of(lease.thread), new ArrayDeque<>());
            RawWait last = null;
            for (RawWait wait = queue.peek(); wait != null && wait.end <= lease.end; wait = queue.peek()) {
                last = queue.remove();
            }
            if (last != null && !last.inVain && isFor(last, lease, opened)) {
                before.put(lease, last);
            }
        }
        return before;
    }

    /** Between a thread's turn and its lease there is no time, but for that in which a session is opened. */
    private static boolean isFor(RawWait wait, RawLease lease, long[] opened) {
        long slack = SLACK + (lease.end - lease.start) / DRIFT;
        if (wait.end >= lease.start - slack) {
            return true;
        }
        int at = Arrays.binarySearch(opened, wait.end);
        int next = at < 0 ? -at - 1 : at;
        return next < opened.length && opened[next] <= lease.start + slack;
    }
}
