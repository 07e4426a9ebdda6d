package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Whether the next borrower finds what the one before has left in the session. */
final class Inheritance {
    private Inheritance() {}

    /** Something that is done to a connection. */
    interface Change {
        void make(Connection connection) throws SQLException;
    }

    /** Something that can be read of a connection. */
    interface Probe {
        Object read(Connection connection) throws SQLException;
    }

    /** One borrower looks, changes something, commits if need be, and closes; the next one looks again. */
    static Observation of(Stage stage, Change change, Probe probe) throws Exception {
        Connection first = stage.borrow();
        Object before = probe.read(first);
        Sql.finish(first);
        change.make(first);
        if (!first.getAutoCommit()) {
            first.commit();
        }
        @Nullable Throwable told = Stage.close(first);
        Connection next = stage.borrow();
        try {
            Object after = probe.read(next);
            String seen = "at first " + before + ", close() raised " + Said.by(told) + ", then " + after;
            return (after.equals(before) ? Outcome.CLEAN : Outcome.LEAKED).because(seen);
        } finally {
            Sql.finish(next);
            Stage.close(next);
        }
    }

    /** What a query gives. */
    static String answer(Connection connection, String sql) throws SQLException {
        return String.valueOf(Sql.ask(connection, sql));
    }
}
