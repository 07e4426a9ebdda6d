/** What it costs: run by {@code make bench}, with JMH. */
@NullMarked
package io.github.pgmanaged.benchmarks;

import org.jspecify.annotations.NullMarked;
