package io.github.pgmanaged.benchmarks.results;

/**
 * What waiters cost in memory.
 *
 * @param contender for whose connection they wait; empty for threads that are only parked
 * @param waiters how many virtual threads
 * @param heapBytes the heap that each takes, its thread included
 */
public record WaiterMemory(String contender, int waiters, double heapBytes) {}
