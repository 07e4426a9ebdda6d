package io.github.pgmanaged.conninfo.internal.resolve;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The directories where libpq looks for a Unix-domain socket if no host is given.
 *
 * @param directories in libpq's order
 */
record SocketDirectories(List<String> directories) {
    /** The host that is meant if none is given. */
    String hostFor(String port) {
        for (String directory : directories) {
            if (Files.exists(Path.of(directory, ".s.PGSQL." + port))) {
                return directory;
            }
        }
        for (String directory : directories) {
            if (Files.isDirectory(Path.of(directory))) {
                return directory;
            }
        }
        return directories.isEmpty() ? "localhost" : directories.get(0);
    }

    boolean contains(String host) {
        return directories.contains(host);
    }
}
