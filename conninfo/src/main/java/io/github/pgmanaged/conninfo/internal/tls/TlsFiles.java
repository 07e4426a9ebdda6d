package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files, and says what went wrong as libpq does. */
final class TlsFiles {
    /** Revocation lists may be long. */
    private static final int LONGEST = 64 << 20;

    /** A usual way to say that there is no file. */
    private static final String NOTHING = "/dev/null";

    private TlsFiles() {}

    static Path path(String failure, String name) throws IOException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new UnusableFileException(failure + " \"" + name + "\": " + e.getReason(), e);
        }
    }

    /** The whole file. What has no end, or hangs until somebody writes it, is refused. */
    static byte[] read(String failure, String name) throws IOException {
        Path path = path(failure, name);
        if (Files.exists(path) && !Files.isRegularFile(path) && !Files.isDirectory(path) && !NOTHING.equals(name)) {
            throw new UnusableFileException(failure + " \"" + name + "\": not a regular file");
        }
        try (InputStream in = Files.newInputStream(path)) {
            byte[] file = in.readNBytes(LONGEST + 1);
            if (file.length > LONGEST) {
                throw new UnusableFileException(failure + " \"" + name + "\": longer than " + (LONGEST >> 20) + " MiB");
            }
            return file;
        } catch (UnusableFileException e) {
            throw e;
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
