package io.github.pgmanaged.faults;

import io.github.pgmanaged.faults.programs.Daemon;
import io.github.pgmanaged.faults.proxy.Message;
import io.github.pgmanaged.faults.proxy.Moment;
import io.github.pgmanaged.faults.proxy.Trouble;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;

/** What goes wrong, on the way or at the server. */
enum Fault {
    LINE_CUT("the line is cut") {
        @Override
        void inject(Cell cell) {
            onTheLine(cell, Trouble.CUT);
        }
    },
    LINE_RESET("the line is reset") {
        @Override
        void inject(Cell cell) {
            onTheLine(cell, Trouble.RESET);
        }
    },
    LINE_STALLED("nothing passes any more") {
        @Override
        void inject(Cell cell) {
            onTheLine(cell, Trouble.STALL);
        }
    },
    LINE_HALF_CLOSED("the line is half closed") {
        @Override
        void inject(Cell cell) {
            onTheLine(cell, Trouble.HALF_CLOSE);
        }
    },
    LINE_DELAYED("each message is late by 50 ms") {
        @Override
        void inject(Cell cell) {
            onTheLine(cell, Trouble.DELAY);
        }
    },
    LINE_DRIPPING("byte by byte") {
        @Override
        void inject(Cell cell) {
            onTheLine(cell, Trouble.DRIP);
        }
    },
    BACKEND_TERMINATED("pg_terminate_backend") {
        @Override
        void inject(Cell cell) throws Exception {
            if (cell.backend() > 0) {
                cell.server().ask("SELECT pg_terminate_backend(" + cell.backend() + ", 5000)");
            }
        }
    },
    BACKEND_KILLED("SIGKILL of the backend") {
        @Override
        void inject(Cell cell) throws Exception {
            if (cell.backend() > 0) {
                Daemon.signal("KILL", cell.backend());
            }
        }
    },
    BACKEND_STOPPED("SIGSTOP of the backend") {
        @Override
        void inject(Cell cell) throws Exception {
            if (cell.backend() > 0) {
                Daemon.signal("STOP", cell.backend());
            }
        }

        @Override
        void heal(Cell cell) throws Exception {
            if (cell.backend() > 0) {
                Daemon.signal("CONT", cell.backend());
            }
        }
    },
    POSTMASTER_STOPPED("SIGSTOP of the postmaster") {
        @Override
        void inject(Cell cell) throws Exception {
            cell.server().freeze();
        }

        @Override
        void heal(Cell cell) throws Exception {
            cell.server().goOn();
        }
    },
    SERVER_DOWN("immediate shutdown") {
        @Override
        void inject(Cell cell) throws Exception {
            cell.server().stopImmediately();
        }

        @Override
        void heal(Cell cell) throws Exception {
            cell.server().start();
        }
    },
    SERVER_FULL("max_connections reached") {
        @Override
        void inject(Cell cell) throws SQLException {
            cell.takeAllSlots();
        }

        @Override
        void heal(Cell cell) throws SQLException {
            cell.giveSlotsBack();
        }
    },
    IDLE_IN_TRANSACTION("idle_in_transaction_session_timeout") {
        @Override
        void inject(Cell cell) throws Exception {
            setInLease(cell, "idle_in_transaction_session_timeout", true);
        }
    },
    STATEMENT_TIMEOUT("statement_timeout") {
        @Override
        void inject(Cell cell) throws Exception {
            setInLease(cell, "statement_timeout", false);
        }
    },
    TRANSACTION_TIMEOUT("transaction_timeout") {
        @Override
        void inject(Cell cell) throws Exception {
            setInLease(cell, "transaction_timeout", true);
        }
    },
    READ_ONLY("the server becomes read-only") {
        @Override
        void inject(Cell cell) throws SQLException {
            readOnly(cell, "on");
        }

        @Override
        void heal(Cell cell) throws SQLException {
            readOnly(cell, "off");
        }
    };

    private final String words;

    Fault(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    abstract void inject(Cell cell) throws Exception;

    /** Takes back what does not pass by itself. */
    void heal(Cell cell) throws Exception {}

    /** Whoever has no line yet is struck when it has one. */
    private static void onTheLine(Cell cell, Trouble trouble) {
        cell.proxy().strike(trouble);
        if (cell.backend() == 0) {
            cell.proxy().strikeAlwaysAt(Moment.before(Message.startup()), trouble);
        }
    }

    /** The limits of a transaction are set by who has one; the server then ends the session, if it ends it. */
    private static void setInLease(Cell cell, String limit, boolean endsTheSession) throws Exception {
        Connection lease = cell.lease();
        if (lease == null || lease.isClosed() || cell.isCommitting()) {
            return;
        }
        try (Statement statement = lease.createStatement()) {
            statement.execute("SET " + limit + " = 100");
        }
        if (endsTheSession) {
            Awaitility.await("the end of the session")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> cell.server()
                            .ask("SELECT count(*) FROM pg_stat_activity WHERE pid = " + cell.backend())
                            .equals("0"));
        }
    }

    private static void readOnly(Cell cell, String onOrOff) throws SQLException {
        try (Connection connection = cell.server().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET default_transaction_read_only = off");
            statement.execute("ALTER SYSTEM SET default_transaction_read_only = " + onOrOff);
            statement.execute("SELECT pg_reload_conf()");
        }
        Awaitility.await()
                .until(() ->
                        cell.server().ask("SHOW default_transaction_read_only").equals(onOrOff));
    }
}
