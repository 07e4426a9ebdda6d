package io.github.pgmanaged.cli.timeline;

import java.util.ArrayList;
import java.util.List;

/**
 * A level of detail: the time in equal parts, and how much of each part each lane held the lease.
 *
 * @param parts into which the time is cut
 * @param width of a part, in nanoseconds
 * @param cells of each lane, by their part
 */
record Level(int parts, long width, List<List<Cell>> cells) {
    private static final int FULL = 255;

    /** Some 2 MB of a page. */
    private static final int MOST_CELLS = 1_000_000;

    /**
     * The parts of the levels, coarse ones first: the next one begins when a part of this one is wider than a pixel.
     */
    private static final int[] PARTS = {2048, 16_384};

    /**
     * A part in which a lane held the lease.
     *
     * @param share how much of it, from 1 to 255
     * @param leases how many began in it
     */
    record Cell(int part, int share, int leases) {}

    /** The levels that are worth their bytes: what has fewer leases than cells is drawn lease by lease. */
    static List<Level> levels(History history) {
        List<Level> levels = new ArrayList<>();
        for (int parts : PARTS) {
            Level level = of(history, parts);
            int cells = level.cells.stream().mapToInt(List::size).sum();
            if (2 * cells <= history.leases().size() && cells <= MOST_CELLS) {
                levels.add(level);
            }
        }
        return levels;
    }

    static Level of(History history, int parts) {
        long width = Math.max(1, (history.span() + parts) / parts); // the last moment is in the last part
        List<Sum> sums = new ArrayList<>();
        history.lanes().forEach(lane -> sums.add(new Sum(width)));
        for (Lease lease : history.leases()) {
            sums.get(lease.lane()).add(lease);
        }
        return new Level(parts, width, sums.stream().map(Sum::cells).toList());
    }

    /** Of one lane. */
    private static final class Sum {
        private final long width;
        private final List<Cell> cells = new ArrayList<>();
        private int part = -1;
        private int leases;
        private long busy;

        Sum(long width) {
            this.width = width;
        }

        void add(Lease lease) {
            go(lease.start() / width);
            leases++;
            for (long at = lease.start(); ; ) {
                long end = Math.min(lease.end(), (part + 1L) * width);
                busy += end - at;
                at = end;
                if (at >= lease.end()) {
                    return;
                }
                go(part + 1L);
            }
        }

        private void go(long to) {
            if (to != part) {
                if (part >= 0 && (busy > 0 || leases > 0)) {
                    cells.add(new Cell(part, (int) Math.max(1, Math.min(FULL, busy * FULL / width)), leases));
                }
                part = Math.toIntExact(to);
                busy = 0;
                leases = 0;
            }
        }

        List<Cell> cells() {
            go(Integer.MAX_VALUE);
            return cells;
        }
    }
}
