package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What psycopg2-managed-connection's own tests and README promise, promised here. */
class OriginalTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    // --- its three tests, under its own rule for database errors ------------------------------------------------

    @Test
    void a_database_error_resets_the_connection_and_the_next_entry_reopens_it() throws SQLException {
        ManagedConnection manager = DB.closing(
                DB.builder().databaseErrors(DatabaseErrors.RESET_ALWAYS).build());
        SQLException error = new SQLException("There was an error");

        assertThatThrownBy(() -> manager.useConnection(connection -> {
                    throw error;
                }))
                .isSameAs(error);
        assertThat(manager.isOpen()).isFalse();

        manager.useConnection(connection -> {
            assertThat(ManagedDatabase.query(connection, "SELECT 1")).isEqualTo("1");
            connection.commit();
        });
        assertThat(manager.isOpen()).isTrue();
    }

    @Test
    void an_application_error_rolls_back_and_keeps_the_connection() throws SQLException {
        ManagedConnection manager = DB.manager();

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> manager.useConnection(connection -> {
                    ManagedDatabase.insert(connection, "foo");
                    assertThat(manager.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
                    throw new AssertionError("There was an application error");
                }))
                .withMessage("There was an application error");
        assertThat(manager.isOpen()).isTrue();
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);

        manager.useConnection(connection -> {
            connection.closeOnRelease(); // the original's manager(close=True)
            assertThat(ManagedDatabase.query(connection, "SELECT count(*) FROM example"))
                    .isEqualTo("0");
            connection.commit();
        });
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void leaving_a_transaction_open_is_an_error_and_keeps_the_connection() {
        ManagedConnection manager = DB.manager();

        assertThatExceptionOfType(OpenTransactionException.class)
                .isThrownBy(() -> manager.useConnection(connection -> {
                    ManagedDatabase.insert(connection, "foo");
                    assertThat(manager.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
                }));
        assertThat(manager.isOpen()).isTrue();
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
    }

    // --- its README's sessions ----------------------------------------------------------------------------------

    @Test
    void creating_a_manager_connects_nothing_and_shows_the_conninfo() {
        try (ManagedConnection manager = ManagedConnection.of("postgres:///postgres")) {
            assertThat(manager).hasToString("ManagedConnection[postgres:///postgres, closed]");
            assertThat(manager.isOpen()).isFalse();
            assertThat(manager.status()).isEqualTo(TransactionStatus.CLOSED);
            assertThat(manager.stats().opened()).isZero();
        }
    }

    @Test
    void making_queries() throws SQLException {
        try (Lease connection = DB.manager().acquire();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT 1")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(1);
            connection.commit();
        }
    }

    @Test
    void dealing_with_uncommitted_transactions() {
        assertThatExceptionOfType(OpenTransactionException.class)
                .isThrownBy(
                        () -> DB.manager().useConnection(connection -> ManagedDatabase.query(connection, "SELECT 1")))
                .withMessageStartingWith("Did not commit or rollback open transaction before releasing connection")
                .withMessageContaining("SELECT 1")
                .withMessageContaining(Thread.currentThread().getName());
    }

    @Test
    void dealing_with_errors() {
        ManagedConnection manager = DB.manager();

        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> manager.useConnection(connection -> {
                    ManagedDatabase.query(connection, "SELECT 1");
                    assertThat(manager.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
                    throw new UnsupportedOperationException();
                }));
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
    }
}
