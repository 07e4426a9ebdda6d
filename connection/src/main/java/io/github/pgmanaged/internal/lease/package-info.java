/** Turns: how a thread gets the one lease, keeps it, and loses it. */
@NullMarked
package io.github.pgmanaged.internal.lease;

import org.jspecify.annotations.NullMarked;
