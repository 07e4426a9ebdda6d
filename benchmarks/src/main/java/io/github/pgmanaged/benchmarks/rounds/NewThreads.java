package io.github.pgmanaged.benchmarks.rounds;

/** Threads of both kinds; virtual ones exist from JDK 21 on, and this is compiled for 17. */
final class NewThreads {
    private NewThreads() {}

    static boolean canBeVirtual() {
        return Runtime.version().feature() >= 21;
    }

    static Thread of(boolean virtual, Runnable task, int number) {
        if (!virtual) {
            return new Thread(null, task, "worker " + number, 256 * 1024L);
        }
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (Thread) Class.forName("java.lang.Thread$Builder")
                    .getMethod("unstarted", Runnable.class)
                    .invoke(builder, task);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("virtual threads need JDK 21", e);
        }
    }
}
