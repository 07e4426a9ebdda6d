/**
 * What a lease gives out: views of the driver's objects that die with the lease.
 *
 * <p>{@link io.github.pgmanaged.internal.fence.Fence} is what every call passes. The classes named {@code Forwarding*}
 * are generated from the interfaces that the {@link io.github.pgmanaged.internal.fence.Forwards} annotations name; the
 * classes named {@code Fenced*} hold what is written by hand.
 */
@NullMarked
package io.github.pgmanaged.internal.fence;

import org.jspecify.annotations.NullMarked;
