package io.github.pgmanaged.benchmarks.profile;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** To which part of the program a frame of a stack belongs. */
final class Rooms {
    private static final String PARKING = "park and unpark";
    private static final String CLOCK = "the clock";

    /** By the beginning of the class's name; the first that fits. What fits none belongs to its caller. */
    private static final Map<String, String> BEGINNINGS = beginnings();

    private Rooms() {}

    /**
     * Where a frame belongs.
     *
     * @param type the class; empty for native frames
     * @param method the method or function
     * @return the room; null if its caller is to be asked
     */
    static @Nullable String of(String type, String method) {
        if (method.contains("clock_gettime") || method.contains("javaTimeNanos") || method.equals("nanoTime")) {
            return CLOCK;
        }
        if (type.endsWith(".Unsafe") || type.endsWith(".LockSupport")) {
            return method.endsWith("park") || method.equals("parkNanos") ? PARKING : null;
        }
        for (Map.Entry<String, String> each : BEGINNINGS.entrySet()) {
            if (type.startsWith(each.getKey())) {
                return each.getValue();
            }
        }
        return null;
    }

    /** Where a stack belongs that has no frame with a room. */
    static String ofThread(String name) {
        return name.contains("Compiler") ? "the JIT compiler" : "the rest of the JVM";
    }

    /** Whether a method is told as a step: of this library, or the driver's. */
    static boolean isStep(String type) {
        return type.startsWith("io.github.pgmanaged.") || type.startsWith("org.postgresql.");
    }

    private static Map<String, String> beginnings() {
        String internal = "io.github.pgmanaged.internal.";
        Map<String, String> all = new LinkedHashMap<>();
        all.put(internal + "lease.Turnstile", "turnstile, or lock");
        all.put(internal + "lease.Waiter", "turnstile, or lock");
        all.put(internal + "lease.Bar", "turnstile, or lock");
        all.put("io.github.pgmanaged.benchmarks.contenders.FairLock", "turnstile, or lock");
        for (String room : new String[] {"lease", "fence", "release", "session", "time", "listen"}) {
            all.put(internal + room + ".", room);
        }
        all.put(internal, "events and counters");
        all.put("io.github.pgmanaged.benchmarks.", "the benchmark's loop");
        all.put("io.github.pgmanaged.peers.", "the benchmark's loop");
        all.put("io.github.pgmanaged.conninfo.", "socket, of the JDK and of conninfo");
        all.put("io.github.pgmanaged.", "lease");
        all.put("org.postgresql.", "driver");
        for (String socket : new String[] {"sun.nio.ch.", "java.net.", "java.nio.channels.", "sun.net."}) {
            all.put(socket, "socket, of the JDK and of conninfo");
        }
        return all;
    }
}
