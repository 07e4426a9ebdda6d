package io.github.pgmanaged.cli;

import io.github.pgmanaged.ManagedConnection;
import java.nio.file.Path;

/** Recordings of real leases. */
final class Recordings {
    private Recordings() {}

    /** What is done while it is recorded. */
    @FunctionalInterface
    interface Deed {
        void run() throws Exception;
    }

    static Path of(Path file, Deed deed) throws Exception {
        try (LeaseRecording recording = LeaseRecording.start()) {
            deed.run();
            recording.stop();
            recording.writeTo(file);
        }
        return file;
    }

    /** Three leases of one manager. */
    static Path ofAFewLeases(Path file) {
        try {
            return of(file, () -> {
                try (ManagedConnection manager = ManagedConnection.builder(TestServer.conninfo())
                        .name("books")
                        .build()) {
                    for (int i = 0; i < 3; i++) {
                        manager.useTransaction(lease -> lease.createStatement().execute("SELECT 'hunter2'"));
                    }
                }
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
