package io.github.pgmanaged.cli;

import java.sql.SQLException;

/** What is said of a session that is gone, or cannot be had just now. */
final class LostSession {
    private LostSession() {}

    /** A backend that ends says why, if it can, as one does that does not begin; class 08 is the connection's. */
    static boolean is(SQLException error) {
        String state = error.getSQLState();
        return state != null && (state.startsWith("57P") || state.startsWith("08"));
    }
}
