/**
 * One PostgreSQL connection that many threads share, with exclusive access, and that is never handed over with a
 * transaction in progress. Start at {@link io.github.pgmanaged.ManagedConnection}.
 */
@NullMarked
package io.github.pgmanaged;

import org.jspecify.annotations.NullMarked;
