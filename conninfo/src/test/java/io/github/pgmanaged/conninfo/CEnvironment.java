package io.github.pgmanaged.conninfo;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The environment that C code sees. Java's own {@link System#getenv()} is a copy made at the start and stays as it is.
 *
 * <p>Thread safety: none; C's environment has none either. {@link Libpq} holds its lock around every call.
 */
final class CEnvironment {
    private static final LibC C = Native.load(null, LibC.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));
    private static final int STANDARD_ERROR = 2;
    private static final int WRITE_ONLY = 1;

    /** The C functions. */
    interface LibC extends Library {
        int setenv(String name, String value, int overwrite);

        int unsetenv(String name);

        String getenv(String name);

        int open(String path, int flags);

        int dup(int file);

        int dup2(int from, int to);

        int close(int file);
    }

    private CEnvironment() {}

    static String get(String name) {
        return C.getenv(name);
    }

    /** Runs the action with these variables and no others. */
    static <T> T replaced(Map<String, String> variables, Supplier<T> action) {
        Runnable restore = replace(variables);
        int error = silence();
        try {
            return action.get();
        } finally {
            C.dup2(error, STANDARD_ERROR);
            C.close(error);
            restore.run();
        }
    }

    /** Sets these variables and no others; gives what restores the old ones. */
    static Runnable replace(Map<String, String> variables) {
        // One by one, since clearenv(3) is not everywhere.
        System.getenv().keySet().forEach(C::unsetenv);
        variables.forEach((name, value) -> C.setenv(name, value, 1));
        return () -> {
            variables.keySet().forEach(C::unsetenv);
            System.getenv().forEach((name, value) -> C.setenv(name, value, 1));
        };
    }

    /** libpq warns of every password file that others may read; thousands of them would drown the tests' output. */
    private static int silence() {
        int error = C.dup(STANDARD_ERROR);
        int nowhere = C.open("/dev/null", WRITE_ONLY);
        C.dup2(nowhere, STANDARD_ERROR);
        C.close(nowhere);
        return error;
    }
}
