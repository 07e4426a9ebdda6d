/**
 * The fences: everything that a lease gives out is a view that dies with it. Not exported.
 *
 * <p>{@link io.github.pgmanaged.fence.Fence} is the gate that every call passes. The classes named {@code Forwarding*}
 * are generated from the interfaces that the {@link io.github.pgmanaged.fence.Forwards} annotations name; the classes
 * named {@code Fenced*} hold what is written by hand.
 */
@NullMarked
package io.github.pgmanaged.fence;

import org.jspecify.annotations.NullMarked;
