package io.github.pgmanaged.conninfo.internal.connect;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * The order of day, month and year that a session reads dates in, without the form that it writes them in: pgjdbc reads
 * no other form than ISO, and ends a session that has another. The order has to stay, or the fourth of March would
 * become the third of April.
 *
 * @see <a href="https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-OUTPUT">PostgreSQL
 *     manual, "Date/Time Output"</a>
 */
final class DateOrder {
    /** As the server reports it: {@code SQL, DMY}. pgjdbc quotes it, in the JVM's language. */
    private static final Pattern REPORTED = Pattern.compile("\\w+, (DMY|MDY|YMD)\\b");

    private DateOrder() {}

    /**
     * What a session has to begin with, so that pgjdbc takes it, if it has ended one for the form of its dates; null if
     * the error is another, or the session has begun so.
     */
    static @Nullable String instead(SQLException e, Properties properties) {
        boolean fromServer = !(e instanceof PSQLException p) || p.getServerErrorMessage() != null;
        Matcher reported = REPORTED.matcher(String.valueOf(e.getMessage()));
        return fromServer || properties.containsKey(SessionVariables.DATE_STYLE) || !reported.find()
                ? null
                : "ISO, " + reported.group(1);
    }

    /** A style in ISO form. Without an order, the German form means day before month. */
    static String inIsoForm(String style) {
        String order = "";
        for (String word : style.toUpperCase(Locale.ROOT).split(",", -1)) {
            switch (word.strip()) {
                case "ISO", "SQL", "POSTGRES", "" -> {}
                case "GERMAN" -> order = order.isEmpty() ? ", DMY" : order;
                default -> order = ", " + word.strip();
            }
        }
        return "ISO" + order;
    }
}
