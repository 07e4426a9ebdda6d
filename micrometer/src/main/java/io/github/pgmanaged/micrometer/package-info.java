/**
 * The metrics of a {@link io.github.pgmanaged.ManagedConnection}, for Micrometer:
 * {@link io.github.pgmanaged.micrometer.ManagedConnectionMetrics}.
 */
@NullMarked
package io.github.pgmanaged.micrometer;

import org.jspecify.annotations.NullMarked;
