package io.github.pgmanaged.faults;

import io.github.pgmanaged.Lease;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** When it goes wrong. Each phase has what is done before the fault, and what is done in its face. */
enum Phase {
    WAITING("waiting") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease holder = cell.acquire();
            return () -> {
                cell.elsewhere(() -> {
                    cell.awaitWaiter();
                    holder.close();
                });
                cell.manager().inTransaction(lease -> cell.write(lease));
                cell.committed();
            };
        }
    },
    OPENING("opening") {
        @Override
        Act prepare(Cell cell) throws Exception {
            cell.acquire().close();
            cell.manager().reset();
            cell.noBackend();
            return cell::transaction;
        }
    },
    VALIDATING("validating") {
        @Override
        Act prepare(Cell cell) throws Exception {
            cell.acquire().close();
            return cell::transaction;
        }
    },
    FIRST_STATEMENT("first statement") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease lease = cell.acquire();
            return () -> {
                try (lease) {
                    cell.write(lease);
                    lease.commit();
                    cell.committed();
                }
            };
        }
    },
    IN_RESULT_SET("in a result set") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease lease = cell.acquire();
            Statement statement = lease.createStatement();
            statement.setFetchSize(10);
            ResultSet rows = statement.executeQuery("SELECT generate_series(1, 100)");
            rows.next();
            return () -> {
                try (lease) {
                    int seen = 1;
                    while (rows.next()) {
                        seen++;
                    }
                    if (seen != 100) {
                        throw new AssertionError("only " + seen + " rows, and no error");
                    }
                    cell.write(lease);
                    lease.commit();
                    cell.committed();
                }
            };
        }
    },
    BEFORE_COMMIT("before commit") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease lease = cell.acquire();
            cell.write(lease);
            return () -> {
                try (lease) {
                    lease.commit();
                    cell.committed();
                }
            };
        }
    },
    DURING_COMMIT("during commit") {
        @Override
        Act prepare(Cell cell) throws Exception {
            cell.holdCommits();
            Lease lease = cell.acquire();
            cell.write(lease);
            cell.deferUntilCommitsAreLet(lease);
            cell.elsewhere(() -> {
                try (lease) {
                    lease.commit();
                    cell.committed();
                }
            });
            cell.awaitCommit();
            return () -> {
                cell.letCommitsGo();
                cell.join();
            };
        }
    },
    ROLLBACK_AT_RELEASE("rollback at release") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease lease = cell.acquire();
            cell.write(lease);
            return lease::close;
        }
    },
    RESTORE_AT_RELEASE("restore at release") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease lease = cell.acquire();
            lease.setSchema("pg_catalog");
            lease.commit();
            return lease::close;
        }
    },
    CLOSING("closing") {
        @Override
        Act prepare(Cell cell) throws Exception {
            Lease lease = cell.acquire();
            cell.write(lease);
            return cell.manager()::close;
        }
    };

    private final String words;

    Phase(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    /** What may fail, and has to end. */
    interface Act {
        void run() throws SQLException;
    }

    abstract Act prepare(Cell cell) throws Exception;
}
