package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.Connection;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a release has rolled back goes to a logger of its own; everything else does not. */
class RollbackLogTest {
    private static final String ROLLBACK = "io.github.pgmanaged.rollback";

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    private static ILoggingEvent lineOf(Level level, ThrowingCallable call) throws Throwable {
        try (LogCapture log = new LogCapture()) {
            call.call();
            return log.at(level).stream()
                    .filter(line -> !line.getFormattedMessage().startsWith("Connecting"))
                    .reduce((one, other) -> {
                        throw new AssertionError(one + " and " + other);
                    })
                    .orElseThrow();
        }
    }

    @Test
    void a_transaction_that_was_left_open_is_warned_of_there() throws Throwable {
        ThrowingCallable forgets = () -> manager.useConnection(lease -> insert(lease, "never"));
        assertThat(lineOf(Level.WARN, () -> assertThatThrownBy(forgets).isInstanceOf(OpenTransactionException.class))
                        .getLoggerName())
                .isEqualTo(ROLLBACK);
        Connection careless = manager.asDataSource(false).getConnection();
        insert(careless, "never");
        ILoggingEvent line = lineOf(
                Level.WARN, () -> assertThatThrownBy(careless::close).isInstanceOf(OpenTransactionException.class));
        assertThat(line.getLoggerName()).isEqualTo(ROLLBACK);
        assertThat(line.getFormattedMessage())
                .contains("A transaction ends with the connection on which it began. (Logged, since callers");
        assertThat(line.getThrowableProxy().getClassName()).isEqualTo(OpenTransactionException.class.getName());
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_transaction_whose_work_threw_is_told_of_there() throws Throwable {
        manager.acquire().close();
        ThrowingCallable throwing = () -> manager.useTransaction(lease -> {
            insert(lease, "never");
            throw new IllegalStateException("thrown by the work");
        });
        ILoggingEvent line =
                lineOf(Level.DEBUG, () -> assertThatThrownBy(throwing).hasMessage("thrown by the work"));
        assertThat(line.getLoggerName()).isEqualTo(ROLLBACK);
        assertThat(line.getFormattedMessage()).contains("Rolling back").contains("thrown by the work");
    }

    @Test
    void a_session_that_was_lost_is_none_of_its_concern() throws Throwable {
        Connection connection = manager.asDataSource(false).getConnection();
        insert(connection, "never");
        DB.kill(ManagedDatabase.pid(connection));
        assertThat(lineOf(
                                Level.WARN,
                                () -> assertThatThrownBy(connection::close).isNotNull())
                        .getLoggerName())
                .isEqualTo("io.github.pgmanaged.ManagedConnection");
    }
}
