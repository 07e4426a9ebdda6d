/** Measuring on a real server: threads that share a connection, a round at a time. */
@NullMarked
package io.github.pgmanaged.benchmarks.rounds;

import org.jspecify.annotations.NullMarked;
