package io.github.pgmanaged.faults.programs;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.List;

/** Servers refuse to run as root; where the tests do, they run as another user. */
final class Unprivileged {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private Unprivileged() {}

    /** The command as it is to be run. The program is killed when the thread that starts it ends. */
    static List<String> command(List<String> command) throws IOException {
        if (!ROOT) {
            return command;
        }
        List<String> other = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + user().getName(),
                "--regid=" + user().getName(),
                "--clear-groups",
                "--pdeathsig=KILL",
                "--"));
        other.addAll(command);
        return other;
    }

    static void own(Path path) throws IOException {
        if (ROOT) {
            Files.setOwner(path, user());
        }
    }

    /** Debian's package has made it. */
    private static UserPrincipal user() throws IOException {
        UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            return users.lookupPrincipalByName("postgres");
        } catch (UserPrincipalNotFoundException e) {
            throw new IOException("There is no user postgres to run a server as, and root must not.", e);
        }
    }
}
