package io.github.pgmanaged.faults.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that had a session becomes read-only without ending it, as an old primary does that is fenced off. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP})
class ReadOnlyServerTest {
    private static final String WRITE = "INSERT INTO example VALUES (inet_server_port()) RETURNING server";

    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    @BeforeEach
    void aPair() throws Exception {
        home = Home.make();
        first = PostgresServer.start(home, "first");
        first.execute("CREATE TABLE example (server int)");
        second = PostgresServer.standbyOf(first, home, "second");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    private void fenceOffTheFirstAndPromoteTheSecond() throws SQLException {
        first.readOnlyByDefault(true);
        second.promote();
    }

    private static int write(Lease lease) throws SQLException {
        try (Statement statement = lease.createStatement();
                ResultSet rows = statement.executeQuery(WRITE)) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Test
    void a_session_for_which_a_writable_server_was_asked_is_given_up() throws Exception {
        try (ManagedConnection manager = ManagedConnection.of(PostgresServer.writableOf(first, second))) {
            assertThat(manager.inTransaction(ReadOnlyServerTest::write)).isEqualTo(first.port());
            fenceOffTheFirstAndPromoteTheSecond();
            List<String> errors = new ArrayList<>();
            Awaitility.await().until(() -> {
                try {
                    return manager.inTransaction(ReadOnlyServerTest::write) == second.port();
                } catch (SQLException e) {
                    errors.add(e.getSQLState());
                    return false;
                }
            });
            assertThat(errors)
                    .as("one holder at most notices")
                    .isSubsetOf("25006")
                    .hasSizeLessThan(2);
        }
    }

    @Test
    void a_session_for_which_any_server_was_good_enough_is_kept() throws Exception {
        try (ManagedConnection manager = ManagedConnection.of(first.conninfo())) {
            assertThat(manager.inTransaction(ReadOnlyServerTest::write)).isEqualTo(first.port());
            fenceOffTheFirstAndPromoteTheSecond();
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(() -> manager.inTransaction(ReadOnlyServerTest::write))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("25006")));
            manager.acquire().close();
            assertThat(manager.stats().opened()).isEqualTo(1);
        }
    }

    @Test
    void a_lease_that_made_itself_read_only_costs_no_session() throws Exception {
        try (ManagedConnection manager = ManagedConnection.of(PostgresServer.writableOf(first, second))) {
            assertThatThrownBy(() -> manager.inTransaction(lease -> {
                        lease.setReadOnly(true);
                        return write(lease);
                    }))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
            assertThat(manager.inTransaction(ReadOnlyServerTest::write)).isEqualTo(first.port());
            assertThat(manager.stats().opened()).isEqualTo(1);
        }
    }
}
