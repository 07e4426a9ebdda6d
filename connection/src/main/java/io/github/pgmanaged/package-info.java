/**
 * One PostgreSQL connection, shared by many threads. Each lease is exclusive and starts outside a transaction. Start at
 * {@link io.github.pgmanaged.ManagedConnection}.
 */
@NullMarked
package io.github.pgmanaged;

import org.jspecify.annotations.NullMarked;
