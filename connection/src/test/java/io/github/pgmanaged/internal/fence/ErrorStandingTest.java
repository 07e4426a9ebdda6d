package io.github.pgmanaged.internal.fence;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgmanaged.ManagedDatabase;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which errors end a session, checked against the errors that a real server raises. */
class ErrorStandingTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @ParameterizedTest(name = "{1} after {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "SET idle_session_timeout = 1                                    | 57P05",
                "SET idle_in_transaction_session_timeout = 1; BEGIN              | 25P03",
                "SET transaction_timeout = 200; BEGIN                            | 25P04",
            })
    void a_timeout_that_the_server_ends_a_session_for_is_fatal(String sql, String state) throws SQLException {
        String setting = sql.substring("SET ".length(), sql.indexOf(" ="));
        assumeTrue(
                DB.query("SELECT count(*) FROM pg_settings WHERE name = '" + setting + "'")
                        .equals("1"),
                "this server is too old to have it");
        try (Connection connection = DB.source().getConnection()) {
            int pid = ManagedDatabase.pid(connection);
            execute(connection, sql);
            Awaitility.await()
                    .until(() -> DB.query("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid)
                            .equals("0"));
            SQLException error = catchThrowableOfType(SQLException.class, () -> execute(connection, "SELECT 1"));
            assertThat(error.getSQLState()).isEqualTo(state);
            assertThat(ErrorStanding.of(error)).isEqualTo(ErrorStanding.FATAL);
        }
    }

    @ParameterizedTest(name = "{1} after {0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "SELEKT                                            | 42601",
                "SELECT 1/0                                        | 22012",
                "DO $$ BEGIN RAISE SQLSTATE '08001'; END $$        | 08001",
                "DO $$ BEGIN RAISE feature_not_supported; END $$   | 0A000",
                "DO $$ BEGIN RAISE internal_error; END $$          | XX000",
                "SET statement_timeout = 1; SELECT pg_sleep(10)    | 57014",
                "DO $$ BEGIN SET LOCAL transaction_read_only = on; CREATE TABLE t (); END $$ | 25006",
            })
    void an_error_of_a_statement_leaves_the_session_healthy(String sql, String state) throws SQLException {
        try (Connection connection = DB.source().getConnection()) {
            SQLException error = catchThrowableOfType(SQLException.class, () -> execute(connection, sql));
            assertThat(error.getSQLState()).isEqualTo(state);
            assertThat(ErrorStanding.of(error)).isEqualTo(ErrorStanding.HEALTHY);
            execute(connection, "RESET ALL");
        }
    }

    @Test
    void a_batch_error_stands_where_its_cause_does() throws SQLException {
        try (Connection connection = DB.source().getConnection();
                Statement statement = connection.createStatement()) {
            statement.addBatch("SELECT 1/0");
            BatchUpdateException error = catchThrowableOfType(BatchUpdateException.class, statement::executeBatch);
            assertThat(ErrorStanding.of(error)).isEqualTo(ErrorStanding.HEALTHY);
            statement.clearBatch();
            statement.addBatch("SELECT pg_terminate_backend(pg_backend_pid())");
            statement.addBatch("SELECT 1");
            error = catchThrowableOfType(BatchUpdateException.class, statement::executeBatch);
            assertThat(ErrorStanding.of(error)).isEqualTo(ErrorStanding.FATAL);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "08006, FATAL",
        "08003, FATAL",
        "57P01, FATAL",
        "57P02, FATAL",
        "57P03, FATAL",
        "57P04, FATAL",
        "57P05, FATAL",
        "25P03, FATAL",
        "25P04, FATAL",
        "23505, HEALTHY",
        "40001, HEALTHY",
        "0A000, HEALTHY",
        "XX000, HEALTHY",
        "99999, UNKNOWN",
        "'', UNKNOWN",
        ", UNKNOWN"
    })
    void an_error_without_the_servers_word_is_judged_by_its_state(String state, ErrorStanding standing) {
        assertThat(ErrorStanding.of(new SQLException("by hand", state))).isEqualTo(standing);
    }
}
