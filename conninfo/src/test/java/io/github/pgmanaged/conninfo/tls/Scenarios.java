package io.github.pgmanaged.conninfo.tls;

import java.util.ArrayList;
import java.util.List;

/** Scenarios that grow around a root and an intermediate as they should be. */
abstract class Scenarios {
    final List<Scenario> all = new ArrayList<>();
    final Forged root = Forge.authority("root").make();
    final Forged between = Forge.authority("between").by(root).make();

    final void add(String name, Forged trusted, Forged server, Forged... chain) {
        all.add(Scenario.of(name, trusted, server, chain));
    }

    final void add(String name, List<Forged> trusted, Forged server, Forged... chain) {
        all.add(Scenario.of(name, trusted, server, chain));
    }
}
