package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.ReentrantAcquireException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PgConnection;

/** What bad citizens do. Whoever is to be told of it, and is not, says so. */
enum BadDeed implements Deed {
    LEAVE_OPEN(6) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquire();
            toldAtClose(turn, lease, () -> {
                lease.setAutoCommit(false);
                turn.write(lease);
            });
        }
    },
    LEAVE_OPEN_IN_SQL(6) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquireForJdbc();
            toldAtClose(turn, lease, () -> {
                Turn.execute(lease, "BEGIN");
                turn.write(lease);
            });
        }
    },
    LEAVE_FAILED(6) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquire();
            toldAtClose(turn, lease, () -> {
                lease.setAutoCommit(false);
                turn.write(lease);
                Turn.fail(lease);
            });
        }
    },
    LEAVE_LAMBDA_OPEN(4) {
        @Override
        public void act(Turn turn) throws Exception {
            try {
                turn.withConnection(lease -> {
                    lease.setAutoCommit(false);
                    turn.write(lease);
                });
                turn.findings().anomaly("operation " + turn.id() + " left a transaction open and was not told");
            } catch (OpenTransactionException told) {
                turn.findings().count("told of an open transaction");
            }
        }
    },
    COMMIT_FAILED(4) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                Turn.fail(lease);
                turn.commit(lease);
            } catch (SQLTransactionRollbackException told) {
                turn.findings().count("told of a commit in vain");
            }
        }
    },
    SWALLOW_IN_TRANSACTION(4) {
        @Override
        public void act(Turn turn) throws Exception {
            try {
                turn.inTransaction(lease -> {
                    turn.write(lease);
                    Turn.fail(lease);
                });
            } catch (SQLTransactionRollbackException told) {
                turn.findings().count("told of a commit in vain");
            }
        }
    },
    THROW(6) {
        @Override
        public void act(Turn turn) throws Exception {
            Whim whim = new Whim();
            Work work = lease -> {
                turn.write(lease);
                throw whim;
            };
            try {
                if (turn.random().nextBoolean()) {
                    turn.inTransaction(work::run);
                } else {
                    turn.withConnection(lease -> {
                        lease.setAutoCommit(false);
                        work.run(lease);
                    });
                }
                turn.findings().anomaly("operation " + turn.id() + ": an exception was swallowed");
            } catch (Whim passed) {
                if (passed != whim) {
                    turn.findings().anomaly("operation " + turn.id() + ": another exception than the thrown one");
                }
            }
        }
    },
    LEAK(6) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                lease.setTransactionIsolation(Lease.TRANSACTION_SERIALIZABLE);
                lease.setSchema("pg_catalog");
                lease.setNetworkTimeout(Runnable::run, 60_000);
                PGConnection driver = lease.unwrap(PGConnection.class);
                driver.setDefaultFetchSize(3);
                driver.setPrepareThreshold(1);
                Turn.execute(lease, "SET LOCAL search_path TO public");
                turn.write(lease);
                if (turn.desk().isFullReset()) {
                    Turn.execute(lease, "SET work_mem TO '3MB'");
                    Turn.execute(lease, "CREATE TEMP TABLE leaked (a int)");
                    Turn.execute(lease, "SELECT pg_advisory_lock(" + turn.id() + ")");
                }
                Statement open = lease.createStatement();
                open.executeQuery("SELECT generate_series(1, 10)").next();
                turn.commit(lease);
                lease.setReadOnly(true);
            }
        }
    },
    CLOSE_TWICE(4) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquire();
            try {
                lease.setAutoCommit(false);
                turn.write(lease);
                turn.commit(lease);
            } finally {
                lease.close();
                lease.close();
                LockSupport.parkNanos(100_000); // somebody else has the turn by now
                lease.close();
            }
        }
    },
    USE_AFTER_CLOSE(6) {
        @Override
        public void act(Turn turn) throws Exception {
            PreparedStatement kept;
            Lease released = turn.acquireForJdbc();
            try (Lease lease = released) {
                kept = lease.prepareStatement("INSERT INTO ledger VALUES (?, ?)");
                kept.setLong(1, turn.id());
                kept.setInt(2, Turn.TAKEN_BACK);
                turn.writeAndCommit(lease);
            }
            try {
                if (turn.random().nextBoolean()) {
                    kept.executeUpdate();
                } else {
                    turn.write(released, Turn.TAKEN_BACK);
                }
                turn.findings().anomaly("operation " + turn.id() + " used a statement after the release");
            } catch (LeaseReleasedException told) {
                turn.findings().count("told of a released lease");
            }
        }
    },
    HAND_OVER(4) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquire();
            Other.does(() -> {
                try (lease) {
                    lease.setAutoCommit(false);
                    turn.write(lease);
                    turn.commit(lease);
                }
            });
        }
    },
    CLOSE_UNDER_ANOTHER(3) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquire();
            Other other = Other.begins(() -> {
                lease.setAutoCommit(false);
                turn.write(lease);
                Turn.execute(lease, "SELECT pg_sleep(0.05)");
                turn.commit(lease);
            });
            LockSupport.parkNanos(turn.random().nextLong(80_000_000));
            try {
                lease.close();
            } finally {
                other.ends();
            }
        }
    },
    ABANDON_BY_ENDING(1) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease[] kept = new Lease[1];
            Other.does(() -> {
                kept[0] = turn.acquire();
                kept[0].setAutoCommit(false);
                turn.write(kept[0]);
            });
            // It is somewhere on the heap, and nobody uses it: the next ones who wait take it back.
            Abandoned.keep(kept[0]);
        }
    },
    ABANDON_BY_FORGETTING(1) {
        @Override
        public void act(Turn turn) throws Exception {
            try {
                forget(turn);
            } finally {
                Abandoned.awaitRecovery(turn);
            }
        }

        private void forget(Turn turn) throws SQLException {
            Lease lease = turn.acquire();
            lease.setAutoCommit(false);
            turn.write(lease);
        }
    },
    HOLD_LONG(1) {
        @Override
        public void act(Turn turn) throws Exception {
            boolean limited = turn.desk().isLimited();
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                long until = System.nanoTime() + (limited ? 3 * Desk.MAX_LEASE.toNanos() : 200_000_000);
                while (System.nanoTime() < until && !lease.isClosed()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                    if (Thread.currentThread().isInterrupted()) {
                        break;
                    }
                }
                turn.commit(lease);
            }
        }
    },
    UNWRAP(4) {
        @Override
        public void act(Turn turn) throws Exception {
            Lease lease = turn.acquire();
            toldAtClose(turn, lease, () -> {
                PgConnection raw = lease.unwrap(PgConnection.class);
                raw.setAutoCommit(false);
                turn.write(raw);
            });
        }
    },
    COMMIT_UNWRAPPED(2) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                PgConnection raw = lease.unwrap(PgConnection.class);
                raw.setAutoCommit(false);
                turn.write(raw);
                try {
                    raw.commit();
                    turn.acknowledged();
                } catch (SQLException e) {
                    turn.unknown(); // the driver's word, not the product's
                    throw e;
                }
            }
        }
    },
    ACQUIRE_TWICE(4) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                try (Lease second = turn.desk().manager().acquire()) {
                    if (!lease.isClosed()) {
                        turn.findings().anomaly("operation " + turn.id() + " has two leases: " + second);
                    }
                } catch (ReentrantAcquireException told) {
                    turn.findings().count("told of a second lease");
                }
                turn.commit(lease);
            }
        }
    },
    ABORT(2) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                lease.abort(Runnable::run);
            }
        }
    },
    CLOSE_ON_RELEASE(3) {
        @Override
        public void act(Turn turn) throws Exception {
            turn.inTransaction(lease -> {
                lease.closeOnRelease();
                turn.write(lease);
            });
        }
    };

    private interface Work {
        void run(Lease lease) throws SQLException, Whim;
    }

    private final int weight;

    BadDeed(int weight) {
        this.weight = weight;
    }

    @Override
    public int weight() {
        return weight;
    }

    /** Work that leaves a transaction open: the close has to say so, or to say that the session was lost. */
    private static void toldAtClose(Turn turn, Lease lease, Other.Task work) throws Exception {
        try {
            work.run();
        } catch (Throwable t) {
            try (lease) {
                throw t;
            }
        }
        try {
            lease.close();
        } catch (OpenTransactionException told) {
            turn.findings().count("told of an open transaction");
            return;
        }
        turn.findings().anomaly("operation " + turn.id() + " left a transaction open and was not told");
    }
}
