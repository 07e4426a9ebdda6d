/** Who is measured: this library, other pools, and what one would write without either. */
@NullMarked
package io.github.pgmanaged.benchmarks.contenders;

import org.jspecify.annotations.NullMarked;
