package io.github.pgmanaged.internal.time;

import org.jspecify.annotations.Nullable;

/** The library's own threads: daemons that hold on to nothing of the application that happened to need them. */
public final class Threads {
    private Threads() {}

    /**
     * A thread that neither inherits thread-locals nor keeps a class loader alive.
     *
     * @param purpose the last part of the thread's name
     */
    public static Thread daemon(String purpose, Runnable task) {
        return daemon(purpose, null, task);
    }

    /** As {@link #daemon(String, Runnable)}, for foreign code that may look for its classes in a class loader. */
    public static Thread daemon(String purpose, @Nullable ClassLoader contextClassLoader, Runnable task) {
        Thread thread = new Thread(null, task, "pgmanaged " + purpose, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(contextClassLoader);
        return thread;
    }

    /**
     * Runs what may block for as long as it likes, such as an appender of the application's logs, on a thread of its
     * own. If no thread can be had, it runs here.
     */
    public static void detach(String purpose, Runnable task) {
        Runnable quiet = () -> {
            try {
                task.run();
            } catch (Throwable t) { // a logger's, say; there is nobody left to tell it
                return;
            }
        };
        try {
            daemon(purpose, quiet).start();
        } catch (OutOfMemoryError noThread) {
            quiet.run();
        }
    }
}
