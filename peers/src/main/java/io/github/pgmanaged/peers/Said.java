package io.github.pgmanaged.peers;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a caller gets from what is thrown at it. */
public final class Said {
    private Said() {}

    /**
     * In a few words.
     *
     * @param error what was thrown, or null
     * @return its class and SQLState, or "nothing"
     */
    public static String by(@Nullable Throwable error) {
        if (error == null) {
            return "nothing";
        }
        String name = error.getClass().getSimpleName();
        String state = state(error);
        return state == null ? name : name + " " + state;
    }

    /**
     * The first SQLState in the chain of causes.
     *
     * @param error what was thrown
     * @return the state, or null
     */
    public static @Nullable String state(@Nullable Throwable error) {
        for (Throwable each = error; each != null; each = each.getCause()) {
            if (each instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return null;
    }

    /**
     * All that can be read of an error.
     *
     * @param error what was thrown
     * @return messages and stack traces of it, its causes, and what is suppressed
     */
    public static String all(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
