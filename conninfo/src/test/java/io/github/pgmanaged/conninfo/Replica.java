package io.github.pgmanaged.conninfo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** A hot standby that streams from a primary. */
public final class Replica {
    private Replica() {}

    /** Makes one out of a base backup, which is as good as an empty data directory's name. */
    public static RealServer of(RealServer primary, Path directory) throws IOException, SQLException {
        try (Connection backup = Sources.of("user=postgres " + primary.tcp()).getConnection()) {
            Ask.one(backup, "SELECT pg_backup_start('replica', true)");
            copy(Path.of(Ask.one(backup, "SHOW data_directory")), directory);
            Directories.write(
                    directory.resolve("backup_label"),
                    List.of(Ask.one(backup, "SELECT labelfile FROM pg_backup_stop(false)")));
        }
        Directories.write(directory.resolve("standby.signal"), List.of());
        Directories.write(
                directory.resolve("postgresql.auto.conf"),
                List.of("primary_conninfo = 'user=postgres " + primary.tcp() + "'"));
        return RealServer.startOn(directory, Map.of());
    }

    /** Files of a running server come and go meanwhile; what matters of that is in the log that is streamed. */
    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Path copied = to.resolve(from.relativize(directory));
                if (!Files.isDirectory(copied)) {
                    Files.createDirectory(copied);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = file.getFileName().toString();
                if (!name.startsWith("postmaster.") && !file.startsWith(from.resolve("pg_wal"))) {
                    try {
                        Files.copy(file, to.resolve(from.relativize(file)));
                    } catch (NoSuchFileException e) {
                        // Gone since the directory was read.
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
    }
}
