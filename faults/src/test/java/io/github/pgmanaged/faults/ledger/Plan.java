package io.github.pgmanaged.faults.ledger;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * What is going to be done, by whom, and in which order: all of it comes from the seed, as far as time allows. How the
 * threads interleave does not.
 */
record Plan(long seed) {
    private static final int FAULTS = -1;

    /** The same in every build: a change is judged by its own mistakes. Other seeds are for looking further. */
    static Plan ofThisRun() {
        return new Plan(Long.getLong("pgmanaged.seed", 1));
    }

    /**
     * One operation.
     *
     * @param deed what to do
     * @param desk at which of the managers
     * @param parts how many rows it writes
     * @param dice for whatever the deed leaves to chance
     */
    record Step(Deed deed, int desk, int parts, long dice) {}

    /** What one citizen does, one after the other, without end. */
    final class Course {
        private final SplittableRandom random;
        private final int desks;

        private Course(int citizen, int desks) {
            this.random = new SplittableRandom(mixed(citizen));
            this.desks = desks;
        }

        Step next() {
            return new Step(Deed.pick(random), random.nextInt(desks), 1 + random.nextInt(3), random.nextLong());
        }
    }

    /** What goes wrong, one after the other, without end: each kind once, in some order, and then as it comes. */
    final class Mishaps {
        private final SplittableRandom random = new SplittableRandom(mixed(FAULTS));
        private final List<Fault> firstRound;

        private Mishaps() {
            firstRound = new ArrayList<>(List.of(Fault.values()));
            Collections.shuffle(firstRound, new Random(random.nextLong()));
        }

        Fault next() {
            return firstRound.isEmpty() ? Fault.pick(random) : firstRound.remove(firstRound.size() - 1);
        }

        RandomGenerator random() {
            return random;
        }
    }

    Course courseOf(int citizen, int desks) {
        return new Course(citizen, desks);
    }

    Mishaps mishaps() {
        return new Mishaps();
    }

    /** So that neighbouring seeds share nothing. */
    private long mixed(int who) {
        return new SplittableRandom(seed * 1_000_003 + who).nextLong();
    }

    /** How to repeat it. */
    @Override
    public String toString() {
        return "-Dpgmanaged.seed=" + seed;
    }
}
