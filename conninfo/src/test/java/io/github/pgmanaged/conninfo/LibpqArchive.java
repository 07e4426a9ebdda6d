package io.github.pgmanaged.conninfo;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** The real libpq, out of the embedded server's archive, in a directory that goes when the JVM does. */
final class LibpqArchive {
    /** libpq and what it needs; it finds the rest beside itself, or in the system. */
    private static final Pattern WANTED = Pattern.compile("lib/lib(pq|ssl|crypto)\\.[^/]*(so|dylib)[^/]*");

    private LibpqArchive() {}

    static Path unpack() {
        boolean mac = System.getProperty("os.name").startsWith("Mac");
        try {
            Path directory = Files.createTempDirectory("pgmanaged-libpq");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            unpack(mac ? "Darwin" : "Linux", directory);
            return directory.resolve(mac ? "lib/libpq.5.dylib" : "lib/libpq.so.5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void unpack(String system, Path directory) throws IOException {
        Files.createDirectory(directory.resolve("lib"));
        try (InputStream packed =
                        DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, System.getProperty("os.arch"));
                TarArchiveInputStream files = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
            for (TarArchiveEntry file = files.getNextEntry(); file != null; file = files.getNextEntry()) {
                String name = file.getName().startsWith("./") ? file.getName().substring(2) : file.getName();
                if (!WANTED.matcher(name).matches()) {
                    continue;
                }
                if (file.isSymbolicLink()) {
                    Files.createSymbolicLink(directory.resolve(name), Path.of(file.getLinkName()));
                } else {
                    Files.copy(files, directory.resolve(name));
                }
            }
        }
    }

    static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
