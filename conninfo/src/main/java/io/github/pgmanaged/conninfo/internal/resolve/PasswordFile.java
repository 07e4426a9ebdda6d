package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A password file, read as libpq does: {@code host:port:database:user:password} in each line, of which {@code *} is
 * anything, a backslash takes the next character as it is, and the first line that matches counts.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-pgpass.html">PostgreSQL manual, "The Password File"</a>
 */
public final class PasswordFile {
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** In bytes, with the newline. It holds every password that a server would take; a longer line is none. */
    private static final int LONGEST_LINE = 1 << 20;

    private final Path file;

    /** Why the file is not read; null if it is. */
    private @Nullable String trouble;

    private PasswordFile(Path file, @Nullable String trouble) {
        this.file = file;
        this.trouble = trouble;
    }

    /** A password, and the line that it stands in. */
    public record Entry(String password, Source source) {
        @Override
        public String toString() {
            return source.toString();
        }
    }

    /**
     * Opens a password file. One that cannot be read is taken for an empty one; of one that others may read, that is
     * said.
     */
    public static PasswordFile open(Path file, Consumer<String> warnings) {
        String quoted = "password file \"" + file + "\" ";
        try {
            if (!Files.exists(file)) {
                return new PasswordFile(file, quoted + "does not exist");
            }
            String ignored = !Files.isRegularFile(file)
                    ? "is not a plain file"
                    : othersMayRead(file)
                            ? "has group or world access; permissions should be u=rw (0600) or less"
                            : null;
            if (ignored != null) {
                warnings.accept(quoted + ignored);
                return new PasswordFile(file, quoted + "was ignored: it " + ignored);
            }
            return new PasswordFile(file, null);
        } catch (IOException e) {
            return new PasswordFile(file, quoted + "cannot be read");
        }
    }

    /**
     * The password for a server, a database and a user.
     *
     * @throws InvalidConnInfoException if the line that has it is not UTF-8, so that it would be another password
     */
    public @Nullable Entry find(String host, String port, String dbname, String user) {
        if (trouble != null) {
            return null;
        }
        try (FileLines lines = new FileLines(file, LONGEST_LINE)) {
            FileLines.Line line = lines.next();
            while (line != null) {
                String text = withoutReturn(line.text());
                int at = line.tooLong() ? -1 : password(text, host, port, dbname, user);
                if (at >= 0 && line.isUtf8()) {
                    return new Entry(unescaped(text, at), Source.line(file, line.number()));
                }
                if (at >= 0) {
                    throw new InvalidConnInfoException(
                            "line " + line.number() + " of password file \"" + file + "\" is not UTF-8");
                }
                line = lines.next();
            }
        } catch (IOException e) {
            trouble = "password file \"" + file + "\" cannot be read";
        }
        return null;
    }

    /** Why it has no password for a server, a database and a user. */
    String whyNone(String host, String port, String dbname, String user) {
        String known = trouble;
        return known == null
                ? "no line of password file \"" + file + "\" matches host \"" + host + "\", port \"" + port
                        + "\", database \"" + dbname + "\", user \"" + user + '"'
                : known;
    }

    /** Where the password begins in a line for them; -1 if it is for others. */
    private static int password(String line, String host, String port, String dbname, String user) {
        if (line.isEmpty() || line.startsWith("#")) {
            return -1;
        }
        int at = after(line, 0, host);
        at = at < 0 ? at : after(line, at, port);
        at = at < 0 ? at : after(line, at, dbname);
        return at < 0 ? at : after(line, at, user);
    }

    /** Where the field after this one begins, or -1 if this one is another value. */
    private static int after(String line, int begin, String value) {
        if (line.startsWith("*:", begin)) {
            return begin + 2;
        }
        int at = begin;
        int matched = 0;
        while (at < line.length()) {
            boolean escaped = line.charAt(at) == '\\';
            if (escaped) {
                at++;
            }
            boolean end = at >= line.length();
            if (!end && line.charAt(at) == ':' && matched == value.length() && !escaped) {
                return at + 1;
            }
            if (end || matched == value.length() || line.charAt(at) != value.charAt(matched)) {
                return -1;
            }
            at++;
            matched++;
        }
        return -1;
    }

    private static String unescaped(String line, int begin) {
        StringBuilder password = new StringBuilder();
        int at = begin;
        while (at < line.length() && line.charAt(at) != ':') {
            if (line.charAt(at) == '\\' && at + 1 < line.length()) {
                at++;
            }
            password.append(line.charAt(at));
            at++;
        }
        return password.toString();
    }

    private static String withoutReturn(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\r') {
            end--;
        }
        return line.substring(0, end);
    }

    /** On a file system without such permissions, as on Windows, the directory protects the file. */
    private static boolean othersMayRead(Path file) throws IOException {
        try {
            return Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains);
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }
}
