package io.github.pgmanaged.benchmarks.rounds;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Who comes when. */
public final class Orders {
    private Orders() {}

    /**
     * Begins with another one in each round, and goes the other way round in each second one.
     *
     * @param names all
     * @param round from 0
     * @return all, in this round's order
     */
    public static List<String> of(List<String> names, int round) {
        List<String> order = new ArrayList<>(names);
        Collections.rotate(order, -round);
        if (round % 2 == 1) {
            Collections.reverse(order);
        }
        return order;
    }
}
