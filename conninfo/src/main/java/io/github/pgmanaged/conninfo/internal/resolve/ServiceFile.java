package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Setting;
import io.github.pgmanaged.conninfo.Source;
import io.github.pgmanaged.conninfo.internal.parse.Blanks;
import io.github.pgmanaged.conninfo.internal.parse.Spelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A section of a service file, read as libpq does: the first value of a keyword counts, and blanks around {@code =}
 * belong to the keyword and the value.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-pgservice.html">PostgreSQL manual, "The Connection
 *     Service File"</a>
 */
public final class ServiceFile {
    /** With the newline, in bytes: libpq reads a line into 1,024, and takes 1,023 for one that goes on. */
    private static final int LONGEST_LINE = 1022;

    private final Path file;
    private final String service;
    private final Map<Keyword, Setting> settings = new EnumMap<>(Keyword.class);
    private boolean found;

    private ServiceFile(Path file, String service) {
        this.file = file;
        this.service = service;
    }

    /**
     * Reads the section of a service.
     *
     * @return its settings, or null if the file has no such section
     * @throws InvalidConnInfoException if the file cannot be read, or not be understood up to the section's end
     */
    public static @Nullable Map<Keyword, Setting> read(Path file, String service) {
        ServiceFile section = new ServiceFile(file, service);
        if (file.toString().isEmpty() || !Files.isDirectory(file)) {
            refuseWhatMayNeverEnd(file);
            section.read();
        }
        return section.found ? section.settings : null;
    }

    /** A FIFO that nobody writes to, a device that always has more. */
    private static void refuseWhatMayNeverEnd(Path file) {
        boolean known = file.toString().isEmpty() || file.equals(Path.of("/dev/null"));
        if (!known && Files.exists(file) && !Files.isRegularFile(file)) {
            throw new InvalidConnInfoException("service file \"" + file + "\" is not a plain file");
        }
    }

    private void read() {
        try (FileLines lines = new FileLines(file, LONGEST_LINE)) {
            FileLines.Line line = lines.next();
            while (line != null) {
                if (line.tooLong()) {
                    throw new InvalidConnInfoException(
                            "line " + line.number() + " too long in service file \"" + file + '"');
                }
                if (!line(line)) {
                    return;
                }
                line = lines.next();
            }
        } catch (IOException e) {
            throw new InvalidConnInfoException("service file \"" + file + "\" not found");
        }
    }

    /** Takes a line, and tells whether to go on. */
    private boolean line(FileLines.Line given) {
        String line = trim(given.text());
        if (line.isEmpty() || line.startsWith("#")) {
            return true;
        }
        if (line.startsWith("[")) {
            if (found) {
                return false;
            }
            found = line.startsWith(service + ']', 1);
            return true;
        }
        if (found) {
            if (!given.isUtf8()) {
                throw at("not UTF-8 in service file", given.number());
            }
            setting(line, given.number());
        }
        return true;
    }

    private void setting(String line, int number) {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw at("syntax error in service file", number);
        }
        String word = line.substring(0, equals);
        Keyword keyword = Keyword.of(word)
                .orElseThrow(() -> new InvalidConnInfoException(
                        at("syntax error in service file", number).getMessage() + Spelling.hint(word)));
        if (keyword == Keyword.SERVICE || keyword == Keyword.SERVICEFILE) {
            throw at("nested service specifications not supported in service file", number);
        }
        settings.putIfAbsent(keyword, new Setting(keyword, line.substring(equals + 1), Source.line(file, number)));
    }

    private InvalidConnInfoException at(String message, int number) {
        return new InvalidConnInfoException(message + " \"" + file + "\", line " + number);
    }

    private static String trim(String line) {
        int begin = 0;
        int end = line.length();
        while (end > 0 && Blanks.isBlank(line.charAt(end - 1))) {
            end--;
        }
        while (begin < end && Blanks.isBlank(line.charAt(begin))) {
            begin++;
        }
        return line.substring(begin, end);
    }
}
