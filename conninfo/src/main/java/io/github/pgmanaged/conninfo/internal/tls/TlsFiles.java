package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files, and says what went wrong as libpq does. */
final class TlsFiles {
    private TlsFiles() {}

    static Path path(String failure, String name) throws IOException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new UnusableFileException(failure + " \"" + name + "\": " + e.getReason(), e);
        }
    }

    static byte[] read(String failure, String name) throws IOException {
        Path path = path(failure, name);
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw failed(failure, name, e);
        }
    }

    static UnusableFileException failed(String failure, String name, Exception cause) {
        return new UnusableFileException(failure + " \"" + name + "\": " + reason(cause), cause);
    }

    /** Whether there is surely no such file: ENOENT and ENOTDIR in C's words. */
    static boolean isAbsent(Path path) {
        if (Files.notExists(path)) {
            return true;
        }
        if (Files.exists(path)) {
            return false;
        }
        for (Path parent = path.getParent(); parent != null; parent = parent.getParent()) {
            if (Files.exists(parent)) {
                return !Files.isDirectory(parent);
            }
        }
        return false;
    }

    private static String reason(Exception e) {
        // The JDK's messages of these two are the bare path.
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        String reason = e instanceof FileSystemException of ? of.getReason() : e.getMessage();
        return reason == null ? e.getClass().getSimpleName() : reason;
    }
}
