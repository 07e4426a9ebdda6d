package io.github.pgmanaged.testing;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Programs that tests have started, which end with the JVM: also when a run is broken off in the middle of a test. */
public final class EndedWithUs {
    private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(EndedWithUs::endAll, "end of programs"));
    }

    private EndedWithUs() {}

    /** A program that has just been started, and whatever it starts itself. */
    public static Process program(Process started) {
        STARTED.add(started);
        return started;
    }

    private static void endAll() {
        for (Process program : STARTED) {
            program.descendants().forEach(ProcessHandle::destroyForcibly);
            program.destroyForcibly();
        }
    }
}
