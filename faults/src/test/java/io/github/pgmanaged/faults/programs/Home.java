package io.github.pgmanaged.faults.programs;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A directory for programs to work in, and what was started there: when it is closed, or the JVM ends, all of it is
 * gone, the last one first.
 */
public final class Home implements AutoCloseable {
    private static final Set<Home> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Home::closeAll));
    }

    private final Path directory;
    private final Deque<AutoCloseable> started = new ConcurrentLinkedDeque<>();

    private Home(Path directory) {
        this.directory = directory;
    }

    public static Home make() throws IOException {
        Path directory = Files.createTempDirectory("pgmanaged-faults");
        Unprivileged.own(directory);
        Home home = new Home(directory);
        OPEN.add(home);
        return home;
    }

    @SuppressWarnings("CatchAndPrintStackTrace") // the virtual machine ends, and nobody is left to be told
    private static void closeAll() {
        for (Home home : OPEN) {
            try {
                home.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
        }
    }

    /** A name in it. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** Writes a file that the programs can read. */
    public Path write(String name, List<String> lines) throws IOException {
        Path file = Files.write(path(name), lines);
        Unprivileged.own(file);
        return file;
    }

    public <T extends AutoCloseable> T closing(T closeable) {
        started.push(closeable);
        return closeable;
    }

    @Override
    public void close() throws Exception {
        Exception trouble = null;
        AutoCloseable last;
        while ((last = started.poll()) != null) {
            try {
                last.close();
            } catch (Exception e) {
                trouble = e;
            }
        }
        delete();
        OPEN.remove(this);
        if (trouble != null) {
            throw trouble;
        }
    }

    private void delete() throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // the last backends tidy up after a killed postmaster
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
