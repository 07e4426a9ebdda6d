package io.github.pgmanaged.modules;

import io.github.pgmanaged.ManagedConnection;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;

/** A program that looks at its manager through the Flight Recorder and JMX. */
final class WatchedProgram {
    private WatchedProgram() {}

    public static void main(String[] args) throws Exception {
        System.out.println(ManagedConnection.class.getModule());
        Path file = Files.createTempFile("watched", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("io.github.pgmanaged.Lease");
            recording.start();
            try (ManagedConnection manager = ManagedConnection.builder(args[0])
                    .name("watched")
                    .registerMBean(true)
                    .build()) {
                manager.acquire().close();
                System.out.println("leases "
                        + ManagementFactory.getPlatformMBeanServer()
                                .getAttribute(
                                        new ObjectName("io.github.pgmanaged:type=ManagedConnection,name=\"watched\""),
                                        "Leases"));
            }
            recording.stop();
            recording.dump(file);
            System.out.println(RecordingFile.readAllEvents(file).stream()
                    .map(event -> event.getEventType().getName())
                    .filter(name -> name.startsWith("io.github.pgmanaged."))
                    .distinct()
                    .sorted()
                    .collect(Collectors.joining(" ")));
        } finally {
            Files.delete(file);
        }
    }
}
