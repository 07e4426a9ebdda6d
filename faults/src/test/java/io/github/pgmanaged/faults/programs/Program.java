package io.github.pgmanaged.faults.programs;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A program that these tests run and that no JDK brings, with the Debian package that has it. */
public enum Program {
    INITDB("initdb", "postgresql-15"),
    POSTGRES("postgres", "postgresql-15"),
    PG_BASEBACKUP("pg_basebackup", "postgresql-15"),
    PG_REWIND("pg_rewind", "postgresql-15"),
    PSQL("psql", "postgresql-15"),
    PGBOUNCER("pgbouncer", "pgbouncer"),
    ETCD("etcd", "etcd-server"),
    PATRONI("patroni", "patroni"),
    PATRONICTL("patronictl", "patroni");

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private final String command;
    private final String debianPackage;

    Program(String command, String debianPackage) {
        this.command = command;
        this.debianPackage = debianPackage;
    }

    public String debianPackage() {
        return debianPackage;
    }

    /** Where it is. */
    public Path path() {
        return find().orElseThrow(() -> new IllegalStateException(missing()));
    }

    /** Where it is in a directory of programs. */
    Path in(Path directory) {
        return directory.resolve(command);
    }

    Optional<Path> find() {
        // Debian's /usr/bin/pg_basebackup is a wrapper that belongs to no version; so where the server is comes first.
        return Stream.concat(postgresDirectories(), searchPath())
                .map(directory -> directory.resolve(command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    String missing() {
        return command + " was not found; install " + debianPackage + " (Debian's name)";
    }

    private static Stream<Path> postgresDirectories() {
        if (!Files.isDirectory(DEBIAN)) {
            return searchPath().filter(directory -> Files.isExecutable(directory.resolve("postgres")));
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            List<Path> newestFirst = versions.map(version -> version.resolve("bin"))
                    .filter(directory -> Files.isExecutable(directory.resolve("postgres")))
                    .sorted(Comparator.comparingInt(Program::version).reversed())
                    .toList();
            return newestFirst.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int version(Path bin) {
        String name = bin.getParent().getFileName().toString();
        return name.matches("[0-9]+") ? Integer.parseInt(name) : 0;
    }

    /** An ordinary user's path leaves out where Debian keeps servers. */
    private static Stream<Path> searchPath() {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of);
    }
}
