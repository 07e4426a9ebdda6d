package io.github.pgmanaged.peers;

/**
 * What came of a scenario, and how that is known.
 *
 * @param outcome what came of it
 * @param evidence one line, the same in each run: no process IDs, no times, no hash codes
 */
public record Observation(Outcome outcome, String evidence) {}
