package io.github.pgmanaged.conninfo.internal.resolve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The operating system's user who runs this process. */
final class LocalUser {
    private LocalUser() {}

    /** Why there is no name to take for the role; in libpq's words where the system has none for the user. */
    static String whyUnknown() {
        if (System.getProperty("user.name", "").equals("?")) {
            try {
                return "local user with ID " + Files.getAttribute(Path.of("/proc/self"), "unix:uid")
                        + " does not exist";
            } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
                return "the local user does not exist"; // the system does not show the number
            }
        }
        return "the operating system's user is not known";
    }
}
