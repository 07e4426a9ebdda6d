package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ReentrantAcquireException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What wanted a second connection in a thread that has the one already, and what to change: by the stack. */
final class SecondConnection {
    private record Cure(String classes, String advice) {}

    /** The first of these that is anywhere on the stack: Flyway and Batch are called in transactions, too. */
    private static final List<Cure> CURES = List.of(
            new Cure(
                    "org.flywaydb.",
                    "Flyway holds its lock on a connection of its own: set"
                            + " spring.flyway.postgresql.transactional-lock=false, and use no beforeMigrate or"
                            + " afterMigrate scripts, which open another."),
            new Cure(
                    "org.springframework.batch.",
                    "A cursor reader of Spring Batch reads on a connection of its own: read by JdbcPagingItemReader, or"
                            + " wrap the DataSource bean in an ExtendedConnectionDataSourceProxy and set"
                            + " useSharedExtendedConnection(true) on the reader. Launch no job inside a transaction."),
            new Cure(
                    "org.hibernate.id.",
                    "A generator of Hibernate's that keeps its values in a table (GenerationType.TABLE) writes them on"
                            + " a connection of its own: use GenerationType.SEQUENCE or IDENTITY."),
            new Cure(
                    "org.springframework.transaction.support.AbstractPlatformTransactionManager",
                    "A transaction inside another (Propagation.REQUIRES_NEW) takes a second connection: use REQUIRED,"
                            + " or NESTED for a savepoint, or do that work after the outer transaction has ended or in"
                            + " another thread."),
            new Cure(
                    "org.springframework.jdbc.datasource.DataSourceUtils",
                    "Spring does not know of the connection that this thread holds: in a transaction all goes to its"
                            + " connection by itself; outside of one (NOT_SUPPORTED, a stream or row callback that is"
                            + " still open, a lease of the ManagedConnection) close it first, or work on it."));

    private SecondConnection() {}

    /** The same exception, with what to change in Spring. */
    static ReentrantAcquireException explained(ReentrantAcquireException e) {
        Optional<String> advice = advice(e);
        if (advice.isEmpty()) {
            return e;
        }
        ReentrantAcquireException explained =
                new ReentrantAcquireException(e.getMessage() + " " + advice.get(), e.getCause());
        explained.setStackTrace(e.getStackTrace());
        return explained;
    }

    /** What to change, by the stack of the exception; empty if nothing known is on it. */
    static Optional<String> advice(ReentrantAcquireException e) {
        List<String> classes = Stream.of(e.getStackTrace())
                .map(StackTraceElement::getClassName)
                .toList();
        return CURES.stream()
                .filter(cure -> classes.stream().anyMatch(name -> name.startsWith(cure.classes())))
                .findFirst()
                .map(Cure::advice);
    }
}
