package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.faults.programs.Sql;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** What goes wrong. Each one is over when it returns. */
enum Fault {
    TERMINATE(20) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) throws Exception {
            return signalled(scene, "pg_terminate_backend", scene.desk(random));
        }
    },
    CANCEL(15) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) throws Exception {
            return signalled(scene, "pg_cancel_backend", scene.desk(random));
        }
    },
    INTERRUPT(25) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                scene.citizen(random).interrupt();
            }
            return true;
        }
    },
    RESET(8) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            scene.desk(random).manager().reset();
            return true;
        }
    },
    CUT(15) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            scene.desk(random).line().cut();
            return true;
        }
    },
    CUT_BEFORE_COMMIT(10) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            return cutAtCommit(scene.desk(random).line(), Line.AtCommit.QUESTION_LOST);
        }
    },
    CUT_DURING_COMMIT(15) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            return cutAtCommit(scene.desk(random).line(), Line.AtCommit.ANSWER_LOST);
        }
    },
    STALL(8) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            long nanos = millis(random, 50, 1500);
            scene.desk(random).line().stall(nanos);
            LockSupport.parkNanos(nanos);
            return true;
        }
    },
    DRIP(6) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) {
            long nanos = millis(random, 50, 500);
            scene.desk(random).line().drip(nanos);
            LockSupport.parkNanos(nanos);
            return true;
        }
    },
    PAUSE(3) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) throws Exception {
            scene.server().pause();
            try {
                LockSupport.parkNanos(millis(random, 50, 1500));
            } finally {
                scene.server().resume();
            }
            return true;
        }
    },
    KILL_BACKEND(1) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) throws Exception {
            int pid;
            try (Connection witness = scene.server().connect()) {
                pid = pid(witness, scene.desk(random));
            }
            if (pid == 0) {
                return false;
            }
            boolean killed = scene.server().killBackend(pid);
            scene.server().awaitReady();
            return killed;
        }
    },
    RESTART(1) {
        @Override
        boolean strike(Scene scene, RandomGenerator random) throws Exception {
            scene.server().restart();
            scene.server().awaitReady();
            return true;
        }
    };

    private static final long COMMIT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final int weight;

    Fault(int weight) {
        this.weight = weight;
    }

    /**
     * Strikes.
     *
     * @return whether anything was hit; there may be no session at that moment
     */
    abstract boolean strike(Scene scene, RandomGenerator random) throws Exception;

    static Fault pick(RandomGenerator random) {
        int all = 0;
        for (Fault fault : values()) {
            all += fault.weight;
        }
        int left = random.nextInt(all);
        for (Fault fault : values()) {
            left -= fault.weight;
            if (left < 0) {
                return fault;
            }
        }
        throw new IllegalStateException("the weights do not add up");
    }

    private static long millis(RandomGenerator random, int least, int most) {
        return TimeUnit.MILLISECONDS.toNanos(random.nextInt(least, most));
    }

    private static boolean signalled(Scene scene, String function, Desk desk) throws Exception {
        try (Connection witness = scene.server().connect()) {
            return !Sql.ask(
                            witness,
                            "SELECT " + function + "(pid) FROM pg_stat_activity WHERE application_name = '"
                                    + desk.name() + "'")
                    .isEmpty();
        }
    }

    private static int pid(Connection witness, Desk desk) throws Exception {
        String pid = Sql.ask(
                witness,
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name = '"
                        + desk.name() + "'");
        return pid.isEmpty() ? 0 : Integer.parseInt(pid);
    }

    /** Waits until somebody commits. */
    private static boolean cutAtCommit(Line line, Line.AtCommit how) {
        line.cutAtCommit(how);
        long deadline = System.nanoTime() + COMMIT_PATIENCE_NANOS;
        while (line.isArmed() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        return line.disarm();
    }
}
