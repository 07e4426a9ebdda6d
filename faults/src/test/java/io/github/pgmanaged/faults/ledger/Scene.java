package io.github.pgmanaged.faults.ledger;

import java.util.List;
import java.util.random.RandomGenerator;

/** Who and what a fault can strike. */
record Scene(Server server, List<Desk> desks, List<Thread> citizens) {
    Desk desk(RandomGenerator random) {
        return desks.get(random.nextInt(desks.size()));
    }

    Thread citizen(RandomGenerator random) {
        return citizens.get(random.nextInt(citizens.size()));
    }
}
