package io.github.pgmanaged.benchmarks.profile;

import io.github.pgmanaged.benchmarks.contenders.Contenders;
import java.util.List;

/**
 * What is profiled.
 *
 * @param title the head of its column
 * @param contender whose leases
 * @param threads how many
 * @param empty whether nothing is done in a lease; otherwise {@code select 1} and commit
 */
public record Case(String title, String contender, int threads, boolean empty) {
    /**
     * All: the empty lease first, and each of the others beside what shows its least possible cost.
     *
     * @return the cases
     */
    public static List<Case> all() {
        return List.of(
                new Case("empty lease, 1 thread", Contenders.OURS, 1, true),
                new Case("the driver alone, 1 thread", Contenders.RAW, 1, false),
                new Case("pgmanaged, 1 thread", Contenders.OURS, 1, false),
                new Case("fair lock, 8 threads", Contenders.FAIR_LOCK, 8, false),
                new Case("pgmanaged, 8 threads", Contenders.OURS, 8, false));
    }
}
