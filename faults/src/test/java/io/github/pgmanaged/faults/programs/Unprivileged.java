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
                "--regid=" + group(),
                "--clear-groups",
                "--pdeathsig=KILL",
                "--"));
        other.addAll(command);
        return other;
    }

    /** Of nobody: Debian's has another name than its user. */
    private static String group() throws IOException {
        return user().getName().equals("nobody") ? "65534" : user().getName();
    }

    static void own(Path path) throws IOException {
        if (ROOT) {
            Files.setOwner(path, user());
        }
    }

    /** The one that Debian's package has made, or else the one that is nobody's. */
    private static UserPrincipal user() throws IOException {
        UserPrincipalLookupService users = FileSystems.getDefault().getUserPrincipalLookupService();
        try {
            return users.lookupPrincipalByName("postgres");
        } catch (UserPrincipalNotFoundException e) {
            return users.lookupPrincipalByName("nobody");
        }
    }
}
