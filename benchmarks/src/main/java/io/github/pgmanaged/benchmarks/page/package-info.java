/** The page and its plots, made of the results alone. */
@NullMarked
package io.github.pgmanaged.benchmarks.page;

import org.jspecify.annotations.NullMarked;
