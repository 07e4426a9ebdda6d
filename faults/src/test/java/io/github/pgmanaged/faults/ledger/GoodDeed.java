package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.Lease;
import java.sql.ResultSet;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Optional;

/** What good citizens do: each ends its transaction. */
enum GoodDeed implements Deed {
    TRANSACTION(60) {
        @Override
        public void act(Turn turn) throws Exception {
            turn.inTransaction(turn::write);
        }
    },
    LEASE(40) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                turn.commit(lease);
            }
        }
    },
    LEASE_IF_FREE(20) {
        @Override
        public void act(Turn turn) throws Exception {
            Optional<Lease> free = turn.tryAcquire();
            if (free.isPresent()) {
                try (Lease lease = free.get()) {
                    lease.setAutoCommit(false);
                    turn.write(lease);
                    turn.commit(lease);
                }
            }
        }
    },
    CONNECTION(30) {
        @Override
        public void act(Turn turn) throws Exception {
            turn.withConnection(lease -> {
                if (lease.getAutoCommit()) {
                    turn.writeAndCommit(lease);
                } else {
                    turn.write(lease);
                    turn.commit(lease);
                }
            });
        }
    },
    DATA_SOURCE(30) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquireForJdbc()) {
                turn.writeAndCommit(lease);
            }
        }
    },
    COMMIT_IN_SQL(20) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquireForJdbc()) {
                Turn.execute(lease, "BEGIN");
                turn.write(lease);
                Turn.execute(lease, turn.random().nextBoolean() ? "COMMIT" : "END");
                turn.acknowledged();
            }
        }
    },
    COMMIT_BY_AUTOCOMMIT(10) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                lease.setAutoCommit(true);
                turn.acknowledged();
            }
        }
    },
    SAVEPOINTS(20) {
        @Override
        public void act(Turn turn) throws Exception {
            turn.inTransaction(lease -> {
                Savepoint before = lease.setSavepoint();
                turn.write(lease, Turn.TAKEN_BACK);
                if (turn.random().nextBoolean()) {
                    Turn.fail(lease);
                }
                lease.rollback(before);
                turn.write(lease);
            });
        }
    },
    READ_MUCH(20) {
        @Override
        public void act(Turn turn) throws Exception {
            turn.inTransaction(lease -> {
                turn.write(lease);
                try (Statement statement = lease.createStatement()) {
                    statement.setFetchSize(50);
                    try (ResultSet rows = statement.executeQuery("SELECT generate_series(1, 500)")) {
                        int sum = 0;
                        while (rows.next()) {
                            sum += rows.getInt(1);
                        }
                        if (sum != 125_250) {
                            turn.findings().anomaly("operation " + turn.id() + " has read " + sum);
                        }
                    }
                }
            });
        }
    },
    TAKE_TIME(10) {
        @Override
        public void act(Turn turn) throws Exception {
            turn.inTransaction(lease -> {
                turn.write(lease);
                Turn.execute(lease, "SELECT pg_sleep(0.0" + (1 + turn.random().nextInt(9)) + ")");
            });
        }
    },
    ROLL_BACK(10) {
        @Override
        public void act(Turn turn) throws Exception {
            try (Lease lease = turn.acquire()) {
                lease.setAutoCommit(false);
                turn.write(lease);
                lease.rollback();
            }
        }
    };

    private final int weight;

    GoodDeed(int weight) {
        this.weight = weight;
    }

    @Override
    public int weight() {
        return weight;
    }
}
