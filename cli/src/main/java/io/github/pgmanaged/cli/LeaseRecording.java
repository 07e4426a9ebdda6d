package io.github.pgmanaged.cli;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.cli.timeline.History;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

/** Records this JVM's managers, with the settings that are in the library's jar. */
final class LeaseRecording implements AutoCloseable {
    private static final String SETTINGS = "/META-INF/jfr/pgmanaged.jfc";

    private final Recording recording;

    private LeaseRecording(Recording recording) {
        this.recording = recording;
    }

    static LeaseRecording start() throws IOException {
        try (InputStream settings = ManagedConnection.class.getResourceAsStream(SETTINGS)) {
            if (settings == null) {
                throw new IOException(SETTINGS + " is not in the jar");
            }
            Recording recording =
                    new Recording(Configuration.create(new InputStreamReader(settings, StandardCharsets.UTF_8)));
            recording.start();
            return new LeaseRecording(recording);
        } catch (ParseException e) {
            throw new IOException(SETTINGS + " cannot be read", e);
        }
    }

    /** What happens from now on is not recorded. */
    void stop() {
        recording.stop();
    }

    /** Writes what was recorded. */
    void writeTo(Path file) throws IOException {
        recording.dump(file);
    }

    /** What was recorded. */
    List<History> histories() throws IOException {
        Path file = Files.createTempFile("pgmanaged", ".jfr");
        try {
            writeTo(file);
            return TimelineCommand.read(file);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Override
    public void close() {
        recording.close();
    }
}
