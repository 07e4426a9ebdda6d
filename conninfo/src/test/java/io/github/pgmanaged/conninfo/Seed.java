package io.github.pgmanaged.conninfo;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Where the randomness of a run comes from. Case number {@code i} of a run with the seed {@code s} is case 0 of a run
 * with the seed {@code s + i}, so that {@code -Dpgmanaged.seed} and a count of 1 repeat it alone.
 */
final class Seed {
    /** The same in every build: a change is judged by its own mistakes. Other seeds are for looking further. */
    private static final long SEED = Long.getLong("pgmanaged.seed", 1);

    private final long first;
    private int number = -1;

    private Seed(long first) {
        this.first = first;
    }

    static Seed ofThisRun() {
        return new Seed(SEED);
    }

    /** For what must be the same in every run. */
    static Seed fixed(long seed) {
        return new Seed(seed);
    }

    SplittableRandom next() {
        number++;
        return new SplittableRandom(first + number);
    }

    /** How to repeat the case that {@link #next()} began. */
    @Override
    public String toString() {
        return "-Dpgmanaged.seed=" + (first + number);
    }

    static <T> T pick(SplittableRandom random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    static boolean chance(SplittableRandom random, double probability) {
        return random.nextDouble() < probability;
    }
}
