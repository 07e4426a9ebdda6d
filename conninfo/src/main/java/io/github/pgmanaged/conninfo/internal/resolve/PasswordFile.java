package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
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

    private final Path file;
    private final List<String> lines;

    private PasswordFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
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
        try {
            if (!Files.exists(file)) {
                return new PasswordFile(file, List.of());
            }
            if (!Files.isRegularFile(file)) {
                warnings.accept("password file \"" + file + "\" is not a plain file");
                return new PasswordFile(file, List.of());
            }
            if (othersMayRead(file)) {
                warnings.accept("password file \"" + file + "\" has group or world access; permissions should be u=rw"
                        + " (0600) or less");
                return new PasswordFile(file, List.of());
            }
            return new PasswordFile(
                    file, List.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n", -1)));
        } catch (IOException e) {
            return new PasswordFile(file, List.of());
        }
    }

    /** The password for a server, a database and a user. */
    public @Nullable Entry find(String host, String port, String dbname, String user) {
        for (int i = 0; i < lines.size(); i++) {
            String line = withoutReturn(lines.get(i));
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int at = after(line, 0, host);
            at = at < 0 ? at : after(line, at, port);
            at = at < 0 ? at : after(line, at, dbname);
            at = at < 0 ? at : after(line, at, user);
            if (at >= 0) {
                return new Entry(unescaped(line, at), Source.line(file, i + 1));
            }
        }
        return null;
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
