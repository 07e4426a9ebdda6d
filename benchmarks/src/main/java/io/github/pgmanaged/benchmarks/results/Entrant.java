package io.github.pgmanaged.benchmarks.results;

/**
 * Who took part.
 *
 * @param name the name
 * @param version the version
 * @param configuration the options
 * @param roundTrips the server's answers (ReadyForQuery) to a lease with {@code select 1} and commit, as a proxy
 *     counted; below zero if it was not counted
 */
public record Entrant(String name, String version, String configuration, double roundTrips) {}
