/** What was measured, as values that are kept in a file: the page is made of these alone. */
@NullMarked
package io.github.pgmanaged.benchmarks.results;

import org.jspecify.annotations.NullMarked;
