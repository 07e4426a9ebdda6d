package io.github.pgmanaged.faults.listen;

import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import io.github.pgmanaged.faults.proxy.Message;
import io.github.pgmanaged.faults.proxy.Moment;
import io.github.pgmanaged.faults.proxy.Strike;
import io.github.pgmanaged.faults.proxy.Trouble;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** What goes wrong with managers that listen. Each one is over when it returns. */
enum Mishap {
    CUT {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            proxy.strike(Trouble.CUT);
        }
    },
    RESET {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            proxy.strike(Trouble.RESET);
        }
    },
    HALF_CLOSE {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            trouble(proxy, Trouble.HALF_CLOSE, random);
        }
    },
    STALL {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            trouble(proxy, Trouble.STALL, random);
        }
    },
    DRIP {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            trouble(proxy, Trouble.DRIP, random);
        }
    },
    DELAY {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            trouble(proxy, Trouble.DELAY, random);
        }
    },
    /** In the middle of a message. */
    CUT_WITHIN_A_MESSAGE {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            at(proxy, Moment.within(Message.answer('A'), 1 + random.nextInt(8)), Trouble.CUT);
        }
    },
    /** The server listens, and nobody hears of it. */
    CUT_AFTER_LISTEN {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) {
            proxy.strike(Trouble.CUT);
            at(proxy, Moment.after(Message.running("LISTEN")), Trouble.CUT);
        }
    },
    TERMINATE {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) throws Exception {
            ofAManager(server, "pg_terminate_backend(pid)");
        }
    },
    CANCEL {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) throws Exception {
            ofAManager(server, "pg_cancel_backend(pid)");
        }
    },
    STOP_BACKEND {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) throws Exception {
            int pid = pid(server);
            if (pid != 0 && isSignalled("STOP", pid)) {
                pause(random, 400);
                isSignalled("CONT", pid);
            }
        }
    },
    KILL_BACKEND {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) throws Exception {
            int pid = pid(server);
            try (Connection other = server.connect()) {
                if (pid != 0 && isSignalled("KILL", pid)) {
                    PostgresServer.awaitCrash(other);
                    server.awaitReady();
                }
            }
        }
    },
    RESTART {
        @Override
        void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) throws Exception {
            server.stopImmediately();
            server.start();
        }
    };

    /** What the managers of a test are called. */
    static final String MANAGERS = "listens";

    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    abstract void happen(PostgresServer server, FaultProxy proxy, RandomGenerator random) throws Exception;

    private static void trouble(FaultProxy proxy, Trouble trouble, RandomGenerator random) {
        proxy.strike(trouble);
        pause(random, 400);
        proxy.heal();
    }

    /** If the moment comes at all. */
    private static void at(FaultProxy proxy, Moment moment, Strike strike) {
        proxy.strikeAt(moment, strike);
        LockSupport.parkNanos(MOMENT_NANOS / 4);
        proxy.heal();
    }

    private static void pause(RandomGenerator random, int mostMillis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20 + random.nextInt(mostMillis)));
    }

    private static void ofAManager(PostgresServer server, String what) throws SQLException {
        server.ask("SELECT " + what + " FROM pg_stat_activity WHERE application_name = '" + MANAGERS
                + "' ORDER BY random() LIMIT 1");
    }

    private static int pid(PostgresServer server) throws SQLException {
        String pid = server.ask("SELECT pid FROM pg_stat_activity WHERE application_name = '" + MANAGERS
                + "' ORDER BY random() LIMIT 1");
        return pid.isEmpty() ? 0 : Integer.parseInt(pid);
    }

    /** Whether the process was still there. */
    private static boolean isSignalled(String signal, int pid) throws IOException, InterruptedException {
        try {
            Daemon.signal(signal, pid);
            return true;
        } catch (IOException e) {
            if (ProcessHandle.of(pid).isPresent()) {
                throw e;
            }
            return false;
        }
    }
}
