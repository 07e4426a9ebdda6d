package io.github.pgmanaged.internal.time;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * The library's own threads: daemons that hold on to nothing of the application that happened to need them. And how a
 * message names a thread.
 */
public final class Threads {
    /** By reflection, since this compiles on JDK 17; null there. */
    private static final @Nullable MethodHandle IS_VIRTUAL = isVirtual();

    private Threads() {}

    private static @Nullable MethodHandle isVirtual() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /** Whether a thread is a virtual one. */
    public static boolean isVirtual(Thread thread) {
        try {
            return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable e) { // as a method handle declares; this one throws nothing
            return false;
        }
    }

    /** A thread's name for a message; virtual threads have none unless they are given one. */
    public static String name(Thread thread) {
        String name = thread.getName();
        return name.isEmpty() ? (isVirtual(thread) ? "virtual thread #" : "thread #") + thread.getId() : name;
    }

    /** A frame as a stack trace has it: without the class loader, and the module's version. */
    public static String shown(StackTraceElement frame) {
        return new StackTraceElement(
                        frame.getClassName(), frame.getMethodName(), frame.getFileName(), frame.getLineNumber())
                .toString();
    }

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
