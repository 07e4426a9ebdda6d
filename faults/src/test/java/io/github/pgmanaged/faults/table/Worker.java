package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.faults.programs.Sql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.concurrent.Callable;

/** The life of one lease, in one thread: it does one operation, and keeps the books. */
final class Worker implements Callable<String> {
    /** What else happens when a phase is reached. */
    interface Visitor {
        void at(Phase reached) throws Exception;
    }

    /** Longer than a timeout of the server's. */
    private static final double SLOW_SECONDS = Fault.TIMEOUT.toMillis() / 750.0;

    /** So that what strikes during a COMMIT finds the server at it. */
    private static final double COMMIT_SECONDS = 0.1;

    private final ManagedConnection manager;
    private final Operations operations;
    private final Clock clock;
    private final Fault fault;
    private final Phase phase;
    private final Visitor visitor;

    Worker(ManagedConnection manager, Operations operations, Clock clock, Fault fault, Phase phase, Visitor visitor) {
        this.manager = manager;
        this.operations = operations;
        this.clock = clock;
        this.fault = fault;
        this.phase = phase;
        this.visitor = visitor;
    }

    /** Returns what the thread was told: "done", or the SQLState of the first trouble. */
    @Override
    public String call() throws Exception {
        SQLException trouble = null;
        if (phase == Phase.DURING_VERIFIED_COMMIT) {
            return verifiedTransaction();
        }
        visitor.at(Phase.OPENING);
        visitor.at(Phase.HANDSHAKE);
        visitor.at(Phase.VALIDATING);
        Lease lease;
        try {
            lease = clock.get(Call.ACQUIRE, manager::acquire);
        } catch (SQLException e) {
            return told(e);
        }
        try {
            work(lease);
        } catch (SQLException e) {
            trouble = e;
        }
        try {
            clock.run(Call.RELEASE, lease::close);
        } catch (SQLException e) {
            trouble = trouble == null ? e : trouble;
        }
        return trouble == null ? "done" : told(trouble);
    }

    private String verifiedTransaction() throws Exception {
        long id = Operations.next();
        visitor.at(Phase.DURING_VERIFIED_COMMIT);
        try {
            clock.run(Call.VERIFIED_TRANSACTION, () -> manager.useTransaction(lease -> insert(lease, id)));
            operations.committed(id);
            return "done";
        } catch (CommitOutcomeUnknownException e) {
            operations.unknown(id, e);
            return told(e);
        } catch (SQLException e) {
            operations.notCommitted(id);
            return told(e);
        }
    }

    private void work(Lease lease) throws Exception {
        visitor.at(Phase.FIRST_STATEMENT);
        clock.run(Call.STATEMENT, () -> Sql.execute(lease, "SELECT pg_sleep(" + pause(Phase.FIRST_STATEMENT) + ")"));
        readOn(lease);
        if (phase == Phase.WRITING) {
            visitor.at(Phase.WRITING);
            clock.run(Call.STATEMENT, () -> Copying.into(lease, pause(Phase.WRITING)));
        }
        long id = Operations.next();
        operations.notCommitted(id);
        clock.run(Call.STATEMENT, () -> insert(lease, id));
        if (phase == Phase.ROLLBACK_AT_RELEASE) {
            visitor.at(Phase.ROLLBACK_AT_RELEASE);
            return;
        }
        visitor.at(Phase.BEFORE_COMMIT);
        visitor.at(Phase.DURING_COMMIT);
        try {
            clock.run(Call.COMMIT, lease::commit);
            operations.committed(id);
        } catch (CommitOutcomeUnknownException e) {
            operations.unknown(id, e);
            throw e;
        }
        if (phase == Phase.RESTORE_AT_RELEASE) {
            clock.run(Call.STATEMENT, () -> lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
        }
        visitor.at(Phase.RESTORE_AT_RELEASE);
        visitor.at(Phase.FULL_RESET_AT_RELEASE);
    }

    /** Its SQLState; where that is a word of the manager's, it is the manager's exception that says it. */
    private static String told(SQLException e) {
        Class<? extends SQLException> type = switch (String.valueOf(e.getSQLState())) {
            case "08001" -> AcquireTimeoutException.class;
            case "08003" -> LeaseReleasedException.class;
            case "08007" -> CommitOutcomeUnknownException.class;
            case "25000" -> OpenTransactionException.class;
            case "40000" -> SQLTransactionRollbackException.class;
            default -> SQLException.class;
        };
        assertThat((Throwable) e).isInstanceOf(type);
        return e.getSQLState();
    }

    /** Two rows a fetch. */
    private void readOn(Lease lease) throws Exception {
        try (Statement statement = lease.createStatement()) {
            statement.setFetchSize(2);
            try (ResultSet rows = clock.get(
                    Call.STATEMENT,
                    () -> statement.executeQuery("SELECT i, CASE WHEN i > 2 THEN pg_sleep("
                            + pause(Phase.IN_A_RESULT_SET) + ") END FROM generate_series(1, 4) i"))) {
                for (int i = 1; i <= 4; i++) {
                    if (i == 3) {
                        visitor.at(Phase.IN_A_RESULT_SET);
                    }
                    assertThat(clock.get(Call.STATEMENT, rows::next))
                            .as("there is a row")
                            .isTrue();
                    assertThat(rows.getInt(1)).isEqualTo(i);
                }
            }
        }
    }

    private void insert(Lease lease, long id) throws SQLException {
        try (PreparedStatement insert = lease.prepareStatement("INSERT INTO operation VALUES (?, ?)")) {
            insert.setLong(1, id);
            insert.setDouble(2, phase.commits() ? COMMIT_SECONDS + pause(phase) : 0);
            insert.executeUpdate();
        }
    }

    /** How long the server is to take, in seconds. */
    private double pause(Phase at) {
        return phase == at && fault.isSlowIn(at) ? SLOW_SECONDS : 0;
    }
}
