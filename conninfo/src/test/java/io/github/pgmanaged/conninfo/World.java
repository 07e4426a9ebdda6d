package io.github.pgmanaged.conninfo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * A connection string and all else that its meaning hangs on.
 *
 * @param conninfo the string
 * @param variables the environment; HOME is always set
 * @param files the files that it may lead to
 */
record World(String conninfo, Map<String, String> variables, List<TextFile> files) {
    /**
     * A file, or a directory in the place of one.
     *
     * @param path where it is
     * @param permissions as in {@code rw-------}; empty for a directory
     * @param content its text
     */
    record TextFile(Path path, String permissions, String content) {
        void write() throws IOException {
            if (permissions.isEmpty()) {
                Files.createDirectories(path);
                return;
            }
            Files.createDirectories(path.getParent());
            Files.writeString(path, content);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    void write() throws IOException {
        Files.createDirectories(Path.of(variables.get("HOME")));
        for (TextFile file : files) {
            file.write();
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(variables.toString());
        for (TextFile file : files) {
            text.append('\n')
                    .append(file.path)
                    .append(' ')
                    .append(file.permissions)
                    .append('\n');
            text.append(file.content.replace("\r", "<CR>").replace("\n", "<LF>\n"));
        }
        return text.toString();
    }
}
