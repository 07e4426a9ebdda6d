package io.github.pgmanaged.conninfo;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a value comes from. Its text is short: {@code string}, {@code pg_service.conf:12}, {@code PGHOST},
 * {@code .pgpass:3} or {@code default}.
 *
 * <p>Thread safety: immutable.
 */
public final class Source {
    /** The connection string itself. */
    public static final Source STRING = new Source("string", null);

    /** What libpq takes if nothing is set. */
    public static final Source DEFAULT = new Source("default", null);

    private final String text;
    private final @Nullable Path file;

    private Source(String text, @Nullable Path file) {
        this.text = text;
        this.file = file;
    }

    /**
     * A variable of the environment.
     *
     * @param name its name
     * @return the source
     */
    public static Source variable(String name) {
        return new Source(name, null);
    }

    /**
     * A line of a file.
     *
     * @param file its whole path
     * @param line its number, from 1
     * @return the source
     */
    public static Source line(Path file, int line) {
        Path name = file.getFileName();
        return new Source((name == null ? file : name) + ":" + line, file);
    }

    /**
     * The file, if the value comes from one.
     *
     * @return its whole path
     */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /**
     * The source in a word.
     *
     * @return the text
     */
    @Override
    public String toString() {
        return text;
    }
}
