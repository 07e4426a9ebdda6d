package io.github.pgmanaged.faults.table;

import static io.github.pgmanaged.faults.table.Phase.BEFORE_COMMIT;
import static io.github.pgmanaged.faults.table.Phase.CLOSING;
import static io.github.pgmanaged.faults.table.Phase.DURING_COMMIT;
import static io.github.pgmanaged.faults.table.Phase.FIRST_STATEMENT;
import static io.github.pgmanaged.faults.table.Phase.IN_A_RESULT_SET;
import static io.github.pgmanaged.faults.table.Phase.OPENING;
import static io.github.pgmanaged.faults.table.Phase.RESTORE_AT_RELEASE;
import static io.github.pgmanaged.faults.table.Phase.ROLLBACK_AT_RELEASE;
import static io.github.pgmanaged.faults.table.Phase.VALIDATING;
import static io.github.pgmanaged.faults.table.Phase.WAITING;

import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.proxy.Line;
import io.github.pgmanaged.faults.proxy.Strike;
import io.github.pgmanaged.faults.proxy.Trouble;
import java.nio.file.Files;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/** What goes wrong. */
enum Fault {
    /** For comparison. */
    NOTHING("nothing", EnumSet.noneOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) {}
    },
    CUT("cut (FIN)", Trouble.CUT),
    RESET("reset (RST)", Trouble.RESET),
    STALL("stall: nothing passes", Trouble.STALL),
    HALF_CLOSE("half-close", Trouble.HALF_CLOSE),
    DELAY("delay of 50 ms each way", EnumSet.noneOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) {
            Trouble.DELAY.on(line);
        }
    },
    DRIP("drip: a byte each 100 ms", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) {
            line.drip(Duration.ofMillis(100));
        }
    },

    TERMINATE("pg_terminate_backend", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().execute("SELECT pg_terminate_backend(" + line.backend() + ", 5000)");
        }
    },
    KILL_BACKEND("SIGKILL of the backend", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.kill(line.backend());
        }
    },
    STOP_BACKEND("SIGSTOP of the backend for 800 ms", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            Daemon.signal("STOP", line.backend());
            world.later(Duration.ofMillis(800), () -> Daemon.signal("CONT", line.backend()));
        }
    },
    STOP_POSTMASTER("SIGSTOP of the postmaster", EnumSet.of(OPENING)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().freeze();
        }

        @Override
        void heal(World world) throws Exception {
            world.server().goOn();
        }
    },
    SHUTDOWN("immediate shutdown and restart", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().stopImmediately();
            world.later(Duration.ZERO, world.server()::start);
        }
    },
    FULL("max_connections reached for 800 ms", EnumSet.of(OPENING)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.fill();
            world.later(Duration.ofMillis(800), world::empty);
        }
    },

    IDLE_IN_TRANSACTION_TIMEOUT(
            "idle_in_transaction_session_timeout",
            EnumSet.of(WAITING, IN_A_RESULT_SET, BEFORE_COMMIT, ROLLBACK_AT_RELEASE, CLOSING)) {
        @Override
        void strike(Line line, Phase phase, World world) {
            world.dawdle(line.backend(), TIMEOUT);
        }

        @Override
        String options() {
            return "-c idle_in_transaction_session_timeout=" + TIMEOUT.toMillis();
        }
    },
    /** It does not count what a COMMIT does. */
    STATEMENT_TIMEOUT("statement_timeout", EnumSet.of(FIRST_STATEMENT, IN_A_RESULT_SET)) {
        @Override
        void strike(Line line, Phase phase, World world) {
            if (!isSlowIn(phase)) {
                world.dawdle(line.backend(), TIMEOUT);
            }
        }

        @Override
        String options() {
            return "-c statement_timeout=" + TIMEOUT.toMillis();
        }

        @Override
        boolean isSlowIn(Phase phase) {
            return disturbs(phase) || phase == DURING_COMMIT;
        }
    },
    TRANSACTION_TIMEOUT(
            "transaction_timeout",
            EnumSet.of(
                    WAITING,
                    FIRST_STATEMENT,
                    IN_A_RESULT_SET,
                    BEFORE_COMMIT,
                    DURING_COMMIT,
                    ROLLBACK_AT_RELEASE,
                    CLOSING)) {
        @Override
        void strike(Line line, Phase phase, World world) {
            if (!isSlowIn(phase)) {
                world.dawdle(line.backend(), TIMEOUT);
            }
        }

        @Override
        String options() {
            return "-c transaction_timeout=" + TIMEOUT.toMillis();
        }

        @Override
        boolean isSlowIn(Phase phase) {
            return phase == FIRST_STATEMENT || phase == DURING_COMMIT;
        }
    },
    DISK_FULL("disk full", EnumSet.complementOf(EnumSet.of(ROLLBACK_AT_RELEASE, RESTORE_AT_RELEASE, CLOSING))) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().fillDisk(World.BALLAST);
        }

        @Override
        void heal(World world) throws Exception {
            world.server().freeDisk(World.BALLAST);
        }
    },
    READ_ONLY("default_transaction_read_only", EnumSet.of(WAITING, OPENING, VALIDATING, FIRST_STATEMENT)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().execute("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()");
        }

        @Override
        void heal(World world) throws Exception {
            world.server().execute("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()");
        }
    };

    private static final Duration TIMEOUT = Duration.ofMillis(500);

    private final String text;
    private final Set<Phase> disturbed;
    private final Strike trouble;

    Fault(String text, Set<Phase> disturbed) {
        this.text = text;
        this.disturbed = disturbed;
        this.trouble = line -> {};
    }

    Fault(String text, Trouble trouble) {
        this.text = text;
        this.disturbed = EnumSet.allOf(Phase.class);
        this.trouble = trouble;
    }

    /** Does it, to a line or to the server behind it. */
    void strike(Line line, Phase phase, World world) throws Exception {
        trouble.on(line);
    }

    /** Ends what does not end by itself. */
    void heal(World world) throws Exception {}

    /** The settings of the manager's sessions. */
    String options() {
        return "";
    }

    /** Whether what the server does in a phase takes longer than it may. */
    boolean isSlowIn(Phase phase) {
        return false;
    }

    /** Whether anybody may notice; if not, everything has to be as if nothing had happened. */
    boolean disturbs(Phase phase) {
        return disturbed.contains(phase);
    }

    /** Whether it costs the session for sure. */
    boolean losesSession() {
        return switch (this) {
            case CUT, RESET, STALL, HALF_CLOSE, TERMINATE, KILL_BACKEND, SHUTDOWN -> true;
            default -> false;
        };
    }

    /** Whether it is about one process of the server, and needs one. */
    boolean needsBackend() {
        return this == TERMINATE
                || this == KILL_BACKEND
                || this == STOP_BACKEND
                || !options().isEmpty();
    }

    /** Whether it is the thread that takes its time, so that the fault comes before its call and not within. */
    boolean dawdles() {
        return !options().isEmpty();
    }

    @Override
    public String toString() {
        return text;
    }

    /** On Linux they all are. */
    boolean isPossible() {
        return this != DISK_FULL || Files.exists(PostgresServer.FULL_DEVICE);
    }
}
