package io.github.pgmanaged.peers;

import java.util.List;
import java.util.Map;

/**
 * What came of each scenario with each peer.
 *
 * @param scenarios the rows
 * @param peers the columns
 * @param cells what was seen
 */
record Matrix(List<Scenario> scenarios, List<Peer> peers, Map<Cell, Observation> cells) {
    /** One scenario, one peer. */
    record Cell(Scenario scenario, Peer peer) {}

    Observation at(Scenario scenario, Peer peer) {
        Observation observation = cells.get(new Cell(scenario, peer));
        if (observation == null) {
            throw new IllegalStateException(scenario + " was not played with " + peer.title());
        }
        return observation;
    }

    long count(Peer peer, Verdict verdict) {
        return scenarios.stream()
                .filter(scenario -> at(scenario, peer).outcome().verdict() == verdict)
                .count();
    }

    List<Scenario> about(Subject subject) {
        return scenarios.stream()
                .filter(scenario -> scenario.subject() == subject)
                .toList();
    }
}
