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
    private static final UserPrincipalLookupService USERS =
            FileSystems.getDefault().getUserPrincipalLookupService();

    private Unprivileged() {}

    /** The command as it is to be run. The program is killed when the thread that starts it ends. */
    static List<String> command(List<String> command) throws IOException {
        if (!ROOT) {
            return command;
        }
        List<String> other = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + user().getName(),
                "--regid=" + group().getName(),
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

    /** Debian's package of the server has made the first; the other is everywhere. */
    private static UserPrincipal user() throws IOException {
        return first(List.of("postgres", "nobody"), USERS::lookupPrincipalByName);
    }

    private static UserPrincipal group() throws IOException {
        return first(List.of("postgres", "nogroup", "nobody"), USERS::lookupPrincipalByGroupName);
    }

    private interface Lookup {
        UserPrincipal find(String name) throws IOException;
    }

    private static UserPrincipal first(List<String> names, Lookup lookup) throws IOException {
        for (String name : names) {
            try {
                return lookup.find(name);
            } catch (UserPrincipalNotFoundException e) {
                // the next one
            }
        }
        throw new IOException("There is none of " + names + " to run a server as, and root must not.");
    }
}
