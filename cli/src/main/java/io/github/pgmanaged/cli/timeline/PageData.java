package io.github.pgmanaged.cli.timeline;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * A history as the page takes it: columns of numbers, deflated, in base64. Times are in ticks of 100 ns.
 * {@code data.js} reads it, in the same order.
 */
final class PageData {
    /** In nanoseconds: finer than what the clocks agree on, and two bytes less for each time. */
    static final long TICK = 100;

    private final int mostLeases;
    private final int mostMarks;

    /** How much a page may have of each manager; of more leases it has the longest, of more marks a selection. */
    PageData(int mostLeases, int mostMarks) {
        this.mostLeases = mostLeases;
        this.mostMarks = mostMarks;
    }

    /** What the page knows before it has unpacked anything. */
    static String index(String file, List<History> histories) {
        Varints data = new Varints();
        data.text(file);
        data.number(histories.size());
        for (History history : histories) {
            data.text(history.manager());
            data.number(history.leases().size());
        }
        return packed(data.toByteArray());
    }

    String of(History history) {
        Varints data = new Varints();
        data.number(history.origin().toEpochMilli());
        Instant whole = history.origin().truncatedTo(ChronoUnit.MILLIS);
        data.number(Duration.between(whole, history.origin()).toNanos() / TICK);
        data.number(history.span() / TICK + 1);
        data.number(history.lanes().size());
        history.lanes().forEach(data::text);
        data.number(history.leases().size());
        addLeases(data, longest(history.leases()));
        addOtherWaits(data, history.waits());
        data.number(history.marks().size());
        addMarks(data, selection(history.marks()));
        addLevels(data, history);
        return packed(data.toByteArray());
    }

    /** How many leases a page would have that this one lacks is told beside it. */
    private List<Lease> longest(List<Lease> leases) {
        if (leases.size() <= mostLeases) {
            return leases;
        }
        return leases.stream()
                .sorted(Comparator.comparingLong((Lease lease) -> lease.start() - lease.end()))
                .limit(mostLeases)
                .sorted(Comparator.comparingLong(Lease::start))
                .toList();
    }

    private static void addLeases(Varints data, List<Lease> leases) {
        data.number(leases.size());
        long before = 0;
        for (Lease lease : leases) {
            data.number(lease.start() / TICK - before);
            before = lease.end() / TICK;
        }
        data.column(leases, lease -> lease.end() / TICK - lease.start() / TICK);
        data.column(leases, Lease::lane);
        data.column(leases, lease -> lease.outcome().number());
        data.column(leases, lease -> lease.waited() / TICK);
        data.column(leases, lease -> lease.opening() / TICK);
    }

    /** Those of which no lease came. */
    private void addOtherWaits(Varints data, List<Wait> waits) {
        List<Wait> others = waits.stream()
                .filter(wait -> !wait.leased() && wait.lane() >= 0)
                .limit(mostMarks)
                .toList();
        data.number(others.size());
        long before = 0;
        for (Wait wait : others) {
            data.number(wait.start() / TICK - before);
            before = wait.start() / TICK;
        }
        data.column(others, wait -> wait.end() / TICK - wait.start() / TICK);
        data.column(others, Wait::lane);
        data.column(others, wait -> wait.inVain() ? 1 : 0);
    }

    /** All that are rare; of a kind that is not, some, evenly. */
    private List<Mark> selection(List<Mark> marks) {
        if (marks.size() <= mostMarks) {
            return marks;
        }
        int share = mostMarks / Mark.Kind.values().length;
        int[] all = new int[Mark.Kind.values().length];
        marks.forEach(mark -> all[mark.kind().number()]++);
        int[] seen = new int[all.length];
        List<Mark> selected = new ArrayList<>();
        for (Mark mark : marks) {
            int kind = mark.kind().number();
            long number = seen[kind]++;
            // The first of each of so many equal parts.
            if (all[kind] <= share || number * share / all[kind] != (number - 1) * share / all[kind] || number == 0) {
                selected.add(mark);
            }
        }
        return selected;
    }

    private static void addMarks(Varints data, List<Mark> marks) {
        Map<String, Integer> texts = new LinkedHashMap<>();
        marks.forEach(mark -> texts.putIfAbsent(mark.text(), texts.size()));
        data.number(texts.size());
        texts.keySet().forEach(data::text);
        data.number(marks.size());
        long before = 0;
        for (Mark mark : marks) {
            data.number(mark.at() / TICK - before);
            before = mark.at() / TICK;
        }
        data.column(marks, mark -> mark.kind().number());
        data.column(marks, mark -> mark.lane() + 1L);
        data.column(marks, mark -> texts.getOrDefault(mark.text(), 0));
    }

    private void addLevels(Varints data, History history) {
        QueueDepth queue = new QueueDepth(history.waits());
        List<Level> levels = Level.levels(history);
        data.number(levels.size());
        for (Level level : levels) {
            data.number(level.parts());
            data.number(level.width());
            for (List<Level.Cell> lane : level.cells()) {
                data.number(lane.size());
                int before = 0;
                for (Level.Cell cell : lane) {
                    data.number(cell.part() - before);
                    before = cell.part();
                }
                data.column(lane, Level.Cell::share);
                data.column(lane, Level.Cell::leases);
            }
            for (int depth : queue.leastAndMost(level.parts(), level.width())) {
                data.number(depth);
            }
        }
    }

    /** In one line, of letters, digits, + / and = only: nothing in it can end the element that holds it. */
    private static String packed(byte[] data) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(packed, deflater)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not throw it
        } finally {
            deflater.end();
        }
        return Base64.getEncoder().encodeToString(packed.toByteArray());
    }
}
