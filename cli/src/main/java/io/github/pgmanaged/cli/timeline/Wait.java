package io.github.pgmanaged.cli.timeline;

/**
 * Time in the queue. Times in nanoseconds.
 *
 * @param inVain whether the thread gave up
 * @param leased whether a lease came of it, which knows it, too
 */
record Wait(long start, long end, int lane, boolean inVain, boolean leased) {}
