package io.github.pgmanaged.internal.cure;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which well-known program wants a second connection in a thread that has the one already, and what to change: by the
 * stack. What many stacks have in common stands below what says more.
 *
 * <p>Thread safety: safe.
 */
public final class SecondConnections {
    /**
     * A row.
     *
     * @param callers how a class and its method begin that is on the stack of the thread now
     * @param holders the same, for the stack with which it acquired its lease
     */
    private record Cure(String advice, List<String> callers, List<String> holders) {
        Cure(String advice, String... callers) {
            this(advice, List.of(callers), List.of());
        }
    }

    private static final String CURSOR_READER =
            "A cursor reader of Spring Batch keeps a connection of its own: wrap the"
                    + " DataSource in an ExtendedConnectionDataSourceProxy and set useSharedExtendedConnection=true on the"
                    + " JdbcCursorItemReader or StoredProcedureItemReader, or read by a JdbcPagingItemReader. Launch no job"
                    + " inside a transaction.";

    private static final List<String> CURSOR_READERS = List.of(
            "org.springframework.batch.infrastructure.item.database.AbstractCursorItemReader.",
            "org.springframework.batch.item.database.AbstractCursorItemReader.");

    private static final List<Cure> CURES = List.of(
            new Cure(
                    "Flyway holds its lock on a connection of its own: set flyway.postgresql.transactional.lock=false"
                            + " (in Spring Boot spring.flyway.postgresql.transactional-lock=false), and use no"
                            + " beforeMigrate or afterMigrate scripts, which open another.",
                    "org.flywaydb."),
            new Cure(
                    "Hibernate writes the values of a generator that it keeps in a table (GenerationType.TABLE) on a"
                            + " connection of their own: use GenerationType.SEQUENCE or IDENTITY.",
                    "org.hibernate.id."),
            new Cure(
                    "ShedLock writes its lock in a transaction of its own: let @SchedulerLock be the outer one, outside"
                            + " of @Transactional.",
                    "net.javacrumbs.shedlock.provider."),
            new Cure(
                    "Quartz's job store takes a connection for each call of the scheduler: call it when the lease is"
                            + " released, or, with Spring, in a transaction of the same DataSource.",
                    "org.quartz.impl.jdbcjobstore."),
            new Cure(CURSOR_READER, CURSOR_READERS, CURSOR_READERS),
            new Cure(
                    "A transaction of Spring's inside another (REQUIRES_NEW) takes a second connection: join the outer"
                            + " one (REQUIRED), use NESTED for a savepoint, or do that work after its commit in another"
                            + " thread.",
                    "org.springframework.transaction.support.AbstractPlatformTransactionManager"
                            + ".handleExistingTransaction"),
            new Cure(
                    "Jdbi's open() takes a connection each time: use withHandle or inTransaction, which reuse the"
                            + " thread's handle, or pass the handle on.",
                    "org.jdbi.v3.core.Jdbi.open"),
            new Cure(
                    "jOOQ takes a connection for each query outside its transaction: inside transaction(...) use the"
                            + " configuration that the lambda is given, and close a Cursor or a Stream before the next"
                            + " query.",
                    "org.jooq.impl.DataSourceConnectionProvider."),
            new Cure(
                    "Each SqlSession of MyBatis takes a connection: close the first one before the next, or use one for"
                            + " both.",
                    "org.apache.ibatis.",
                    "org.mybatis."),
            new Cure(CURSOR_READER, "org.springframework.batch."),
            new Cure(
                    "Spring does not know of the connection that this thread holds. A transaction that is suspended"
                            + " (NOT_SUPPORTED) keeps it: join the transaction, or do that work after its commit in"
                            + " another thread. A stream, a row callback or a lease of the manager: close it first, or"
                            + " work on it.",
                    "org.springframework.jdbc.datasource.DataSourceUtils.",
                    "org.springframework.transaction.support.AbstractPlatformTransactionManager."));

    private SecondConnections() {}

    /**
     * What to change.
     *
     * @param caller the stack of the thread that wants a second connection
     * @param holder the stack with which it acquired the first one; empty if that is not known
     * @return a sentence or two; null if nothing known is on the stacks
     */
    public static @Nullable String advice(StackTraceElement[] caller, StackTraceElement[] holder) {
        for (Cure cure : CURES) {
            if (isOn(caller, cure.callers()) || isOn(holder, cure.holders())) {
                return cure.advice();
            }
        }
        return null;
    }

    private static boolean isOn(StackTraceElement[] stack, List<String> beginnings) {
        return Stream.of(stack)
                .map(frame -> frame.getClassName() + "." + frame.getMethodName())
                .anyMatch(call -> beginnings.stream().anyMatch(call::startsWith));
    }
}
