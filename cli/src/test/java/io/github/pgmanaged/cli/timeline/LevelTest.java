package io.github.pgmanaged.cli.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Levels of detail and the queue's depth, against what is counted moment by moment. */
class LevelTest {
    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void aCellHasTheShareOfItsPartThatTheLaneHeld() {
        for (int round = 0; round < 50; round++) {
            History history = random(1 + random.nextInt(60));
            Level level = Level.of(history, 16);
            double[][] held = new double[history.lanes().size()][16];
            int[][] begun = new int[history.lanes().size()][16];
            for (Lease lease : history.leases()) {
                begun[lease.lane()][(int) (lease.start() / level.width())]++;
                for (long at = lease.start(); at < lease.end(); at++) {
                    held[lease.lane()][(int) (at / level.width())]++;
                }
            }
            for (int lane = 0; lane < held.length; lane++) {
                for (Level.Cell cell : level.cells().get(lane)) {
                    double share = held[lane][cell.part()] * 255 / level.width();
                    assertThat((double) cell.share()).isBetween(share - 1, Math.max(1, share));
                    assertThat(cell.leases()).isEqualTo(begun[lane][cell.part()]);
                    held[lane][cell.part()] = 0;
                    begun[lane][cell.part()] = 0;
                }
                assertThat(held[lane]).containsOnly(0);
                assertThat(begun[lane]).containsOnly(0);
            }
        }
    }

    @Test
    void aPartKnowsTheLeastAndTheMostThatWaited() {
        for (int round = 0; round < 50; round++) {
            History history = random(1 + random.nextInt(60));
            int parts = 8;
            long width = (history.span() + parts) / parts;
            int[] found = new QueueDepth(history.waits()).leastAndMost(parts, width);
            for (int part = 0; part < parts; part++) {
                int least = Integer.MAX_VALUE;
                int most = 0;
                for (long at = Math.max(0, part * width - 1); at < (part + 1) * width; at++) {
                    long moment = at;
                    int depth = (int) history.waits().stream()
                            .filter(wait -> wait.start() <= moment && moment < wait.end())
                            .count();
                    least = Math.min(least, depth);
                    most = Math.max(most, depth);
                }
                assertThat(found[2 * part]).isEqualTo(part == 0 ? 0 : least);
                assertThat(found[2 * part + 1]).isEqualTo(most);
            }
        }
    }

    @Test
    void levelsAreMadeOnlyWhereTheySaveSomething() {
        assertThat(Level.levels(Histories.small())).isEmpty();
        assertThat(Level.levels(Histories.regular(8, 100_000, 1_000_000)))
                .extracting(Level::parts)
                .containsExactly(2048);
    }

    private History random(int leases) {
        List<Lease> all = new ArrayList<>();
        List<Wait> waits = new ArrayList<>();
        long at = random.nextInt(20);
        for (int i = 0; i < leases; i++) {
            long end = at + random.nextInt(30);
            int lane = random.nextInt(3);
            all.add(new Lease(at, end, lane, Outcome.RELEASED, 0, 0));
            long asked = Math.max(0, at - random.nextInt(40));
            if (at > asked) {
                waits.add(new Wait(asked, at, lane, false, true));
            }
            at = end + random.nextInt(20);
        }
        return new History("m", Histories.ORIGIN, at, List.of("a", "b", "c"), all, waits, List.of());
    }
}
