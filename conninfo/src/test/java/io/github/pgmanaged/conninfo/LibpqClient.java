package io.github.pgmanaged.conninfo;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A real libpq that connects. There may be two, which differ in their versions and in their OpenSSL's: the embedded
 * server's, and the system's.
 *
 * <p>Thread safety: for one thread.
 */
public final class LibpqClient {
    private static final int CONNECTION_OK = 0;

    private final String name;
    private final LibpqApi api;

    private LibpqClient(LibpqApi api) {
        this.api = api;
        this.name = "libpq " + api.PQlibVersion() / 10_000 + '.' + api.PQlibVersion() % 10_000;
    }

    /**
     * All that are here. Debian's is in its package libpq5; where it is missing, that is said, and with
     * PGMANAGED_REQUIRE_PROGRAMS=1 it is an error.
     */
    public static List<LibpqClient> all() {
        List<LibpqClient> clients = new ArrayList<>(List.of(new LibpqClient(LibpqApi.load())));
        Optional<Path> system = system();
        if (system.isPresent()) {
            clients.add(new LibpqClient(LibpqApi.load(system.get())));
        } else if ("1".equals(System.getenv("PGMANAGED_REQUIRE_PROGRAMS"))) {
            throw new IllegalStateException(
                    "There is no libpq.so.5 in /usr/lib. PGMANAGED_REQUIRE_PROGRAMS=1 does not let it be skipped.");
        } else {
            System.out.println("There is no libpq.so.5 in /usr/lib (Debian: libpq5): only one libpq is asked.");
        }
        return clients;
    }

    private static Optional<Path> system() {
        for (String directory : List.of("/usr/lib", "/usr/lib64")) {
            try (DirectoryStream<Path> below =
                    Files.newDirectoryStream(Path.of(directory), "{*-linux-gnu*,libpq.so.5}")) {
                for (Path path : below) {
                    Path file = Files.isDirectory(path) ? path.resolve("libpq.so.5") : path;
                    if (Files.exists(file)) {
                        return Optional.of(file);
                    }
                }
            } catch (IOException e) {
                // There is no such directory.
            }
        }
        return Optional.empty();
    }

    /**
     * Has all of them see these variables and no others, until the result is run. Other threads must not be at work
     * then: C's environment cannot be read while it is changed.
     */
    public static Runnable environment(Map<String, String> variables) {
        return CEnvironment.replace(variables);
    }

    /** Connects and disconnects: empty if that went well, else what libpq says. */
    public Optional<String> objection(String conninfo) {
        Pointer connection = api.PQconnectdb(conninfo);
        try {
            return api.PQstatus(connection) == CONNECTION_OK
                    ? Optional.empty()
                    : Optional.of(text(api.PQerrorMessage(connection)));
        } finally {
            api.PQfinish(connection);
        }
    }

    private static String text(Pointer bytes) {
        return new String(bytes.getByteArray(0, (int) bytes.indexOf(0, (byte) 0)), StandardCharsets.UTF_8).strip();
    }

    @Override
    public String toString() {
        return name;
    }
}
