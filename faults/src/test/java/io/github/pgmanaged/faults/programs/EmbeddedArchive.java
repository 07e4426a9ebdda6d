package io.github.pgmanaged.faults.programs;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** The PostgreSQL that comes as a dependency; it has initdb, pg_ctl and postgres, and nothing else. */
final class EmbeddedArchive {
    private EmbeddedArchive() {}

    /**
     * Unpacks it for any user to run: the library that usually does starts the server as well, and in a way that leaves
     * nobody to send a signal to.
     */
    static void unpack(Path directory) throws IOException {
        String system = System.getProperty("os.name").startsWith("Mac") ? "Darwin" : "Linux";
        try (InputStream packed =
                        DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, System.getProperty("os.arch"));
                TarArchiveInputStream files = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
            for (TarArchiveEntry file = files.getNextEntry(); file != null; file = files.getNextEntry()) {
                Path path = directory.resolve(file.getName());
                Files.createDirectories(file.isDirectory() ? path : path.getParent());
                if (file.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(file.getLinkName()));
                } else if (!file.isDirectory()) {
                    Files.copy(files, path);
                    boolean program = (file.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            path, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }
}
