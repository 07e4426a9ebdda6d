package io.github.pgmanaged.conninfo.internal.net;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.DriverInfo;

/**
 * The version of pgjdbc that is there. A platform may bring another than the one that this library is built with; from
 * {@link #OLDEST} on it works, apart from what that one does not have.
 *
 * <p>Thread safety: safe.
 */
public final class DriverVersion {
    /** The oldest one that is supported; the tests run with it, too. */
    static final String OLDEST = "42.7.8";

    /**
     * The oldest one that a manager can use: before, to look at a session waited for its query, and so did a release.
     */
    static final String OLDEST_OF_MANAGER = "42.7.9";

    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9}).*");
    private static final String PRESENT = read();
    private static final @Nullable String OBJECTION = objection(PRESENT, "pgmanaged", OLDEST);
    private static final @Nullable String MANAGERS_OBJECTION =
            objection(PRESENT, "a ManagedConnection", OLDEST_OF_MANAGER);

    private DriverVersion() {}

    /** The version that is there; it may have more than numbers. */
    public static String present() {
        return PRESENT;
    }

    /**
     * Refuses one that is too old, before a method is called that it does not have.
     *
     * @throws SQLException if it is, with SQLState 08001
     */
    public static void check() throws SQLException {
        refuse(OBJECTION);
    }

    /**
     * The same for a manager.
     *
     * @throws SQLException if it is too old, with SQLState 08001
     */
    public static void checkForManager() throws SQLException {
        refuse(MANAGERS_OBJECTION);
    }

    private static void refuse(@Nullable String objection) throws SQLException {
        if (objection != null) {
            throw new SQLNonTransientConnectionException(objection, "08001");
        }
    }

    static @Nullable String objection(String version, String user, String oldest) {
        return isOlder(version, oldest)
                ? "pgjdbc " + version + " is on the class path, and " + user + " needs " + oldest
                        + " or newer: set the version of org.postgresql:postgresql"
                        + " (with Spring Boot, the property postgresql.version)"
                : null;
    }

    /** Whether a version is older than another; one without three numbers is not. */
    static boolean isOlder(String version, String than) {
        Matcher one = NUMBERS.matcher(version);
        Matcher other = NUMBERS.matcher(than);
        if (one.matches() && other.matches()) {
            for (int i = 1; i <= 3; i++) {
                int difference = Integer.parseInt(one.group(i)) - Integer.parseInt(other.group(i));
                if (difference != 0) {
                    return difference < 0;
                }
            }
        }
        return false;
    }

    private static String read() {
        try {
            // Not the constant itself, of which the compiler would make the version that is there now.
            return String.valueOf(DriverInfo.class.getField("DRIVER_VERSION").get(null));
        } catch (ReflectiveOperationException | LinkageError e) {
            return "of an unknown version";
        }
    }
}
