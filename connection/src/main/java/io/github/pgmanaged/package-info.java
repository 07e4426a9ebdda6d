/**
 * One PostgreSQL connection, shared by many threads. Each lease is exclusive and starts outside a transaction.
 *
 * <p>Start at {@link io.github.pgmanaged.ManagedConnection}: {@code of} a connection string or a {@code builder}; then
 * {@code inTransaction}, {@code withConnection}, or {@code acquire}, which gives a {@link io.github.pgmanaged.Lease}.
 *
 * <table>
 * <caption>What is in this package</caption>
 * <tr><th>for</th><th>types</th></tr>
 * <tr><td>work</td><td>{@link io.github.pgmanaged.Work}, {@link io.github.pgmanaged.Action},
 *     {@link io.github.pgmanaged.Lease}</td></tr>
 * <tr><td>no lease</td><td>{@link io.github.pgmanaged.AcquireTimeoutException},
 *     {@link io.github.pgmanaged.AcquireInterruptedException}, {@link io.github.pgmanaged.AcquireRejectedException},
 *     {@link io.github.pgmanaged.ReentrantAcquireException}</td></tr>
 * <tr><td>the end of a lease or transaction</td><td>{@link io.github.pgmanaged.OpenTransactionException},
 *     {@link io.github.pgmanaged.LeaseReleasedException}, {@link io.github.pgmanaged.CommitOutcomeUnknownException},
 *     {@link io.github.pgmanaged.CommitOutcome}</td></tr>
 * <tr><td>to look</td><td>{@link io.github.pgmanaged.TransactionStatus}, {@link io.github.pgmanaged.Holder},
 *     {@link io.github.pgmanaged.Waiters}, {@link io.github.pgmanaged.Stats},
 *     {@link io.github.pgmanaged.ManagedConnectionMXBean}</td></tr>
 * <tr><td>notifications</td><td>{@link io.github.pgmanaged.NotificationListener},
 *     {@link io.github.pgmanaged.Notification}, {@link io.github.pgmanaged.Subscription}</td></tr>
 * <tr><td>options</td><td>{@link io.github.pgmanaged.ManagedConnection.Builder},
 *     {@link io.github.pgmanaged.SessionReset}, {@link io.github.pgmanaged.DatabaseErrors},
 *     {@link io.github.pgmanaged.InitialFailure}</td></tr>
 * <tr><td>a data source that owns its manager</td><td>{@link io.github.pgmanaged.ManagedDataSource}</td></tr>
 * </table>
 *
 * <p>The manual is in the folder {@code docs} of the source: {@code share.md} and {@code transactions.md} say what
 * happens when, {@code failures.md} how long a thread blocks, {@code recipes.md} how common programs look.
 *
 * <p>A class of Spring's is named {@code TransactionStatus}, too: import the one that is meant by its name.
 */
@NullMarked
package io.github.pgmanaged;

import org.jspecify.annotations.NullMarked;
