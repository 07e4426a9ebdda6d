package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Whether a session survives an error that does it no harm. */
final class Soundness {
    private Soundness() {}

    /** A statement fails as it must, the borrower closes, and the next one looks which session it has. */
    static Observation of(Stage stage, String sql, String sqlState) throws Exception {
        Connection connection = stage.borrow(true);
        int before = Stage.pid(connection);
        @Nullable String state = null;
        try {
            Sql.run(connection, sql);
        } catch (SQLException e) {
            state = Said.state(e);
        }
        if (!sqlState.equals(state)) {
            throw new IllegalStateException("It must fail with " + sqlState + ", and not with " + state);
        }
        return handedOn(stage, connection, before);
    }

    /** The borrower closes, and the next one looks which session it has. */
    static Observation handedOn(Stage stage, Connection connection, int before) throws Exception {
        Stage.close(connection);
        Connection next = stage.borrow();
        try {
            return Stage.pid(next) == before
                    ? Outcome.KEPT.because("the next borrower has the same backend")
                    : Outcome.REPLACED.because("the next borrower has another backend");
        } finally {
            Stage.close(next);
        }
    }
}
