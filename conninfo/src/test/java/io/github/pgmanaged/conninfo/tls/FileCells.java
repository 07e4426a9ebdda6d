package io.github.pgmanaged.conninfo.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Each file that TLS reads without being told, in each state that it can be in. */
final class FileCells {
    static final List<String> MODES = List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    private final Path homes;
    private final Forged root = Forge.authority("root").make();
    private final Forged client = Forge.bare("CN=client").by(root).make();
    private final Scenario server =
            Scenario.of("files", root, Forge.leaf().by(root).make());
    private final List<Cell> cells = new ArrayList<>();

    /** What may be in a file's place. */
    private enum State {
        ABSENT,
        GOOD,
        EMPTY,
        BROKEN,
        HALF_BROKEN,
        ANOTHER_KIND,
        DIRECTORY,
        DANGLING,
        UNREADABLE
    }

    private FileCells(Path homes) {
        this.homes = homes;
    }

    static List<Cell> all(Path homes) throws IOException {
        FileCells cells = new FileCells(homes);
        for (String file : List.of("root.crt", "root.crl", "postgresql.crt", "postgresql.key")) {
            for (State state : State.values()) {
                cells.add(file, state);
            }
        }
        return cells.cells;
    }

    private void add(String file, State state) throws IOException {
        Path home = homes.resolve(file + '-' + state);
        Path directory = Files.createDirectories(home.resolve(".postgresql"));
        if (!file.equals("root.crt")) {
            Files.writeString(directory.resolve("root.crt"), root.pem());
        }
        if (file.equals("postgresql.key")) {
            Files.writeString(directory.resolve("postgresql.crt"), client.pem());
        } else if (file.equals("postgresql.crt")) {
            secret(directory.resolve("postgresql.key"), key());
        }
        Path path = directory.resolve(file);
        switch (state) {
            case ABSENT -> {}
            case DIRECTORY -> Files.createDirectory(path);
            case DANGLING -> Files.createSymbolicLink(path, directory.resolve("nowhere"));
            case UNREADABLE -> {
                secret(path, good(file));
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
            }
            default -> secret(path, content(file, state));
        }
        for (String mode : MODES) {
            cells.add(new Cell(
                    file + ' ' + state + ' ' + mode,
                    server,
                    "host=localhost hostaddr=127.0.0.1 sslmode=" + mode,
                    home));
        }
    }

    private String content(String file, State state) {
        return switch (state) {
            case EMPTY -> "";
            case BROKEN -> "nothing\n";
            case HALF_BROKEN -> good(file) + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
            case ANOTHER_KIND -> file.equals("root.crl") || file.equals("postgresql.key") ? root.pem() : key();
            default -> good(file);
        };
    }

    private String good(String file) {
        return switch (file) {
            case "root.crt" -> root.pem();
            case "root.crl" -> Lists.of(root);
            case "postgresql.crt" -> client.pem();
            default -> key();
        };
    }

    private String key() {
        return Forged.pem("PRIVATE KEY", client.keys().getPrivate().getEncoded());
    }

    private static void secret(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
