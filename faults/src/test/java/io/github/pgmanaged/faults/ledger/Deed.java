package io.github.pgmanaged.faults.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a citizen does with one operation. */
interface Deed {
    /** One operation; it says of it what the product says. */
    void act(Turn turn) throws Exception;

    /** How often it is done, beside the others. */
    int weight();

    String name();

    static List<Deed> all() {
        List<Deed> all = new ArrayList<>(List.of(GoodDeed.values()));
        all.addAll(List.of(BadDeed.values()));
        return all;
    }

    static Deed pick(RandomGenerator random) {
        int left = random.nextInt(all().stream().mapToInt(Deed::weight).sum());
        for (Deed deed : all()) {
            left -= deed.weight();
            if (left < 0) {
                return deed;
            }
        }
        throw new IllegalStateException("the weights do not add up");
    }
}
