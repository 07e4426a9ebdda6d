/** Where the time of a lease goes: samples of the processors, and counts. */
@NullMarked
package io.github.pgmanaged.benchmarks.profile;

import org.jspecify.annotations.NullMarked;
