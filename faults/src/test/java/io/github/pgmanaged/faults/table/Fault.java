package io.github.pgmanaged.faults.table;

import static io.github.pgmanaged.faults.table.Phase.BEFORE_COMMIT;
import static io.github.pgmanaged.faults.table.Phase.CLOSING;
import static io.github.pgmanaged.faults.table.Phase.DURING_COMMIT;
import static io.github.pgmanaged.faults.table.Phase.DURING_VERIFIED_COMMIT;
import static io.github.pgmanaged.faults.table.Phase.FIRST_STATEMENT;
import static io.github.pgmanaged.faults.table.Phase.IN_A_RESULT_SET;
import static io.github.pgmanaged.faults.table.Phase.OPENING;
import static io.github.pgmanaged.faults.table.Phase.ROLLBACK_AT_RELEASE;
import static io.github.pgmanaged.faults.table.Phase.VALIDATING;
import static io.github.pgmanaged.faults.table.Phase.WAITING;
import static io.github.pgmanaged.faults.table.Phase.WRITING;

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
@SuppressWarnings("ImmutableEnumChecker") // nobody changes its set, and its strike has no state
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
    STOP_BACKEND("SIGSTOP of the backend for 600 ms", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            Daemon.signal("STOP", line.backend());
            world.later(Duration.ofMillis(600), () -> Daemon.signal("CONT", line.backend()));
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return phase == ROLLBACK_AT_RELEASE ? super.toldIfDisturbed(phase) : phase.normal();
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

        @Override
        String toldIfDisturbed(Phase phase) {
            return "08001";
        }
    },
    /** Nobody gets in, nobody gets an answer, and a cancel request waits, too. */
    FREEZE("SIGSTOP of the postmaster and the backend", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            int backend = line.backend();
            world.server().freeze();
            if (backend > 0) {
                Daemon.signal("STOP", backend);
            }
            world.atTheEnd(() -> {
                if (backend > 0) {
                    Daemon.signal("CONT", backend);
                }
                world.server().goOn();
            });
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return phase.toldOfLossForGood(this);
        }
    },
    SHUTDOWN("immediate shutdown and restart", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().stopImmediately();
            world.later(Duration.ZERO, world.server()::start);
        }
    },
    DOWN("immediate shutdown", EnumSet.allOf(Phase.class)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().stopImmediately();
            world.atTheEnd(world.server()::start);
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return phase.toldOfLossForGood(this);
        }
    },
    FULL("max_connections reached for 500 ms", EnumSet.of(OPENING)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.fill();
            world.later(Duration.ofMillis(500), world::empty);
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return phase.normal();
        }
    },
    FULL_FOR_GOOD("max_connections reached", EnumSet.of(OPENING)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.fill();
            world.atTheEnd(world::empty);
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return phase.toldOfLossForGood(this);
        }
    },

    IDLE_IN_TRANSACTION_TIMEOUT(
            "idle_in_transaction_session_timeout",
            EnumSet.of(WAITING, IN_A_RESULT_SET, WRITING, BEFORE_COMMIT, ROLLBACK_AT_RELEASE, CLOSING)) {
        @Override
        void strike(Line line, Phase phase, World world) {
            world.dawdle(line.backend(), TIMEOUT);
        }

        @Override
        String options() {
            return "-c idle_in_transaction_session_timeout=" + TIMEOUT.toMillis();
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            // The driver does not always get to the server's last word.
            return switch (phase) {
                case WAITING -> "holder (25P03|08007), then done";
                case BEFORE_COMMIT -> "25P03|08007";
                default -> "25P03|08006";
            };
        }
    },
    /** It does not count what a COMMIT does. */
    STATEMENT_TIMEOUT("statement_timeout", EnumSet.of(FIRST_STATEMENT, IN_A_RESULT_SET, WRITING)) {
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
            return disturbs(phase) || phase.commits();
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return "57014";
        }
    },
    TRANSACTION_TIMEOUT(
            "transaction_timeout",
            EnumSet.of(
                    WAITING,
                    FIRST_STATEMENT,
                    IN_A_RESULT_SET,
                    WRITING,
                    BEFORE_COMMIT,
                    DURING_COMMIT,
                    DURING_VERIFIED_COMMIT,
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
            return phase == FIRST_STATEMENT || phase.commits();
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return switch (phase) {
                // It may fire when the transaction is committed already, so nothing but the server's word counts.
                case WAITING, BEFORE_COMMIT, DURING_COMMIT -> super.toldIfDisturbed(phase);
                case DURING_VERIFIED_COMMIT -> "40000";
                default -> "25P04|08006";
            };
        }
    },
    DISK_FULL(
            "disk full",
            EnumSet.of(
                    WAITING,
                    OPENING,
                    VALIDATING,
                    FIRST_STATEMENT,
                    IN_A_RESULT_SET,
                    WRITING,
                    BEFORE_COMMIT,
                    DURING_COMMIT,
                    DURING_VERIFIED_COMMIT)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().fillDisk(World.BALLAST);
        }

        @Override
        void heal(World world) throws Exception {
            world.server().freeDisk(World.BALLAST);
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return "53100";
        }
    },
    READ_ONLY("default_transaction_read_only", EnumSet.of(WAITING, OPENING, VALIDATING, FIRST_STATEMENT)) {
        @Override
        void strike(Line line, Phase phase, World world) throws Exception {
            world.server().readOnlyByDefault(true);
        }

        @Override
        void heal(World world) throws Exception {
            world.server().readOnlyByDefault(false);
        }

        @Override
        String toldIfDisturbed(Phase phase) {
            return phase == WAITING ? "holder done, then 25006" : "25006";
        }
    };

    /** The server's, in which each cell that it does not disturb has to be ready, on a busy machine, too. */
    static final Duration TIMEOUT = Duration.ofMillis(1500);

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

    /** What the thread is told: a pattern. */
    String told(Phase phase) {
        return disturbs(phase) && phase != CLOSING ? toldIfDisturbed(phase) : phase.normal();
    }

    /** Unless it is said otherwise, that the session is lost. */
    String toldIfDisturbed(Phase phase) {
        return phase.toldOfLoss(this);
    }

    /** Whether the line fails, and the server is well. */
    boolean isOfTheLine() {
        return this == CUT || this == RESET || this == STALL || this == HALF_CLOSE || this == DRIP;
    }

    /** Whether nothing comes any more, or hardly anything, so that a bound of the manager's ends the call. */
    boolean isSilence() {
        return this == STALL || this == DRIP || this == FREEZE;
    }

    /** Whether there is no other session to be had while it lasts, so that an acquisition ends with its timeout. */
    boolean isForGood() {
        return this == STOP_POSTMASTER || this == FREEZE || this == DOWN || this == FULL_FOR_GOOD;
    }

    /** Whether it needs no session. */
    boolean isOfTheLineOrNone() {
        return isOfTheLine() || this == DELAY || this == NOTHING;
    }

    /** Whether the server has crashed, so that it cannot say any more what it committed before. */
    boolean isCrash() {
        return this == KILL_BACKEND || this == SHUTDOWN || this == DOWN;
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
