package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.parse.Display;
import io.github.pgmanaged.conninfo.internal.resolve.PasswordFile;
import io.github.pgmanaged.conninfo.internal.resolve.ServiceFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What Jazzer calls with inputs that it breeds by coverage ({@code make fuzz}): whatever the parsers are given, nothing
 * leaves them but the typed exception. The first byte chooses the parser.
 */
public final class ParserFuzz {
    private static final Environment NOTHING = Environment.empty().withOsUser("me");

    private ParserFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (input.length == 0) {
            return;
        }
        byte[] content = Arrays.copyOfRange(input, 1, input.length);
        try {
            switch (input[0]) {
                case 's' -> serviceFile(content);
                case 'p' -> passwordFile(content);
                default -> string(new String(content, StandardCharsets.UTF_8));
            }
        } catch (InvalidConnInfoException e) {
            // What may come of it.
        }
    }

    private static void string(String text) {
        ConnInfo parsed = ConnInfo.parse(text);
        if (parsed.isJdbcUrl()) {
            return;
        }
        boolean whole = parsed.values().entrySet().stream().noneMatch(e -> Display.isSecret(e.getKey(), e.getValue()));
        if (whole
                && !parsed.parsed().isDoubtful()
                && !ConnInfo.parse(parsed.toString()).values().equals(parsed.values())) {
            throw new AssertionError("its text says another thing: " + parsed);
        }
        parsed.resolve(NOTHING);
    }

    private static void serviceFile(byte[] content) throws IOException {
        Path file = Files.write(Files.createTempFile("service", ""), content);
        try {
            ServiceFile.read(file, "a");
        } finally {
            Files.delete(file);
        }
    }

    private static void passwordFile(byte[] content) throws IOException {
        // A temporary file is its owner's alone.
        Path file = Files.write(Files.createTempFile("pgpass", ""), content);
        try {
            PasswordFile.open(file, warning -> {
                        throw new AssertionError(warning);
                    })
                    .find("h", "1", "d", "u");
        } finally {
            Files.delete(file);
        }
    }
}
