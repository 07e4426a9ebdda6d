package io.github.pgmanaged.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.github.pgmanaged.benchmarks.results.Machine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Describes this machine. */
final class Machines {
    private static final String UNKNOWN = "unknown";

    private Machines() {}

    static Machine describe(String server, String loadBefore, String loadAfter) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Machine(
                cpu(),
                Runtime.getRuntime().availableProcessors(),
                Math.round(system.getTotalMemorySize() / 1e9) + " GB",
                system.getName() + " " + system.getVersion() + ", " + system.getArch(),
                property("java.vm.name") + " " + property("java.vm.version") + ", " + property("java.vendor"),
                arguments().stream().collect(Collectors.joining(" ")),
                server,
                loadBefore,
                loadAfter);
    }

    /** How this JVM treats its memory, which goes for those that JMH starts, too. */
    static List<String> arguments() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(each -> each.startsWith("-X"))
                .toList();
    }

    static String load() {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return load < 0 ? UNKNOWN : String.format(Locale.ROOT, "%.2f", load);
    }

    private static String cpu() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(UNKNOWN);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    private static String property(String name) {
        return System.getProperty(name, UNKNOWN);
    }
}
