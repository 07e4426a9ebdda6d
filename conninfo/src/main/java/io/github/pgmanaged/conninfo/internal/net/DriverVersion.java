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

    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\.(\\d{1,9}).*");
    private static final String PRESENT = read();
    private static final @Nullable String OBJECTION = objection(PRESENT);

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
        if (OBJECTION != null) {
            throw new SQLNonTransientConnectionException(OBJECTION, "08001");
        }
    }

    private static @Nullable String objection(String version) {
        return isOlder(version, OLDEST)
                ? "pgjdbc " + version + " is on the class path, and pgmanaged needs " + OLDEST
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
