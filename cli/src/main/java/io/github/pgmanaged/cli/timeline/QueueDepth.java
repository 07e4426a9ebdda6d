package io.github.pgmanaged.cli.timeline;

import java.util.Arrays;
import java.util.List;

/** How many threads are in the queue, over time. */
final class QueueDepth {
    private final long[] entered;
    private final long[] left;

    QueueDepth(List<Wait> waits) {
        entered = waits.stream().mapToLong(Wait::start).sorted().toArray();
        left = waits.stream().mapToLong(Wait::end).sorted().toArray();
    }

    /** Somebody who is told each change. */
    @FunctionalInterface
    interface Step {
        void to(long at, int depth);
    }

    /** Tells each change, those at one moment at once. */
    void walk(Step step) {
        int in = 0;
        int out = 0;
        while (out < left.length) {
            long at = in < entered.length ? Math.min(entered[in], left[out]) : left[out];
            while (in < entered.length && entered[in] == at) {
                in++;
            }
            while (out < left.length && left[out] == at) {
                out++;
            }
            step.to(at, in - out);
        }
    }

    /** The least and the most in each of so many parts of a time, by turns. */
    int[] leastAndMost(int parts, long width) {
        int[] found = new int[2 * parts];
        int[] now = new int[2]; // the part, the depth
        walk((at, depth) -> {
            int part = (int) Math.min(parts - 1, at / width);
            if (part > now[0]) {
                Arrays.fill(found, 2 * now[0] + 2, 2 * part + 2, now[1]);
                now[0] = part;
            }
            found[2 * part] = Math.min(found[2 * part], depth);
            found[2 * part + 1] = Math.max(found[2 * part + 1], depth);
            now[1] = depth;
        });
        Arrays.fill(found, 2 * now[0] + 2, found.length, now[1]);
        return found;
    }
}
