package io.github.pgmanaged.cli;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.TransactionStatus;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;

/** The ways to misuse a connection, and what the library has to say to each. */
enum Misbehaviour {
    FORGOTTEN_COMMIT("closes the lease without COMMIT", "OpenTransactionException") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try (Lease lease = turn.acquire()) {
                turn.move(lease);
            } catch (OpenTransactionException told) {
                return told.status() == TransactionStatus.IN_TRANSACTION;
            }
            return false;
        }
    },
    FORGOTTEN_COMMIT_IN_LAMBDA("returns from its lambda without COMMIT", "OpenTransactionException") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try {
                turn.useConnection(turn::move);
            } catch (OpenTransactionException told) {
                return told.status() == TransactionStatus.IN_TRANSACTION;
            }
            return false;
        }
    },
    RAW_BEGIN("leaves an SQL BEGIN open under autocommit", "OpenTransactionException") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try (Connection connection = turn.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("BEGIN");
                turn.move(connection);
            } catch (OpenTransactionException told) {
                return told.status() == TransactionStatus.IN_TRANSACTION;
            }
            return false;
        }
    },
    THROWN_EXCEPTION("throws a RuntimeException half-way", "the same exception, rolled back") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            IllegalStateException thrown = new IllegalStateException("changed its mind");
            try {
                turn.useTransaction(lease -> {
                    turn.move(lease);
                    throw thrown;
                });
            } catch (IllegalStateException told) {
                return told == thrown;
            }
            return false;
        }
    },
    UNIQUE_VIOLATION("writes the same transfer twice", "SQLState 23505, rolled back") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try {
                turn.useTransaction(lease -> {
                    turn.move(lease);
                    turn.move(lease);
                });
            } catch (SQLException told) {
                return is(told, "23505");
            }
            return false;
        }
    },
    DIVISION_BY_ZERO("divides by zero", "SQLState 22012, rolled back") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try {
                turn.useConnection(lease -> {
                    turn.move(lease);
                    execute(lease, "SELECT 1 / 0");
                });
            } catch (SQLException told) {
                return is(told, "22012");
            }
            return false;
        }
    },
    SYNTAX_ERROR("closes the lease after a syntax error", "SQLState 42601, OpenTransactionException") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            boolean refused = false;
            try (Lease lease = turn.acquire()) {
                turn.move(lease);
                refused = fails(lease, "SELEC 1", "42601");
            } catch (OpenTransactionException told) {
                return refused && told.status() == TransactionStatus.IN_ERROR;
            }
            return false;
        }
    },
    COMMIT_AFTER_ERROR("swallows an error and commits", "SQLState 40000") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try (Lease lease = turn.acquire()) {
                turn.move(lease);
                fails(lease, "SELECT 1 / 0", "22012");
                lease.commit();
            } catch (SQLTransactionRollbackException told) {
                return is(told, "40000");
            }
            return false;
        }
    },
    ERROR_SWALLOWED_IN_TRANSACTION("swallows an error in a transaction lambda", "SQLState 40000") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try {
                turn.useTransaction(lease -> {
                    turn.move(lease);
                    fails(lease, "SELEC 1", "42601");
                });
            } catch (SQLTransactionRollbackException told) {
                return is(told, "40000");
            }
            return false;
        }
    },
    STALE_STATEMENT("uses a statement after the release", "SQLState 08003") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            PreparedStatement kept;
            try (Lease lease = turn.acquire()) {
                kept = turn.prepareEntry(lease);
            }
            try {
                kept.executeUpdate(); // would get into somebody else's transaction
            } catch (LeaseReleasedException told) {
                return is(told, "08003");
            }
            return false;
        }
    },
    ACQUIRED_TWICE("acquires while it holds the lease", "ReentrantAcquireException, at once") {
        @Override
        boolean isTold(Turn turn) throws SQLException {
            try (Lease lease = turn.acquire()) {
                turn.move(lease);
                try (Lease second = turn.manager().acquire()) {
                    return second == null;
                } catch (ReentrantAcquireException told) {
                    lease.rollback();
                    return true;
                }
            }
        }
    };

    private final String deed;
    private final String answer;

    Misbehaviour(String deed, String answer) {
        this.deed = deed;
        this.answer = answer;
    }

    /**
     * Misbehaves, so that the transfer is abandoned.
     *
     * @return whether the library told so
     * @throws SQLException if something else went wrong, as when the session was lost
     */
    abstract boolean isTold(Turn turn) throws SQLException;

    /** What is done. */
    String deed() {
        return deed;
    }

    /** What the library has to say. */
    String answer() {
        return answer;
    }

    /** Another error than the expected one is not what was provoked. */
    private static boolean is(SQLException error, String state) throws SQLException {
        if (!state.equals(error.getSQLState())) {
            throw error;
        }
        return true;
    }

    private static boolean fails(Connection connection, String sql, String state) throws SQLException {
        try {
            execute(connection, sql);
            return false;
        } catch (SQLException e) {
            return is(e, state);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
