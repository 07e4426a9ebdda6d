package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * The context class loader of a thread while pgjdbc connects on it. pgjdbc finds our factories by their names: in its
 * own class loader, which may be a parent of ours (a server's lib folder), or in the thread's, which may be the
 * platform's or none at all. What the thread's loader finds is what it was; only what it does not find is ours.
 *
 * <p>Thread safety: used by one thread.
 */
final class ContextLoader {
    private final Thread thread = Thread.currentThread();
    private final @Nullable ClassLoader before = thread.getContextClassLoader();
    private final boolean changed;

    /** Has the thread's loader find our classes, too. */
    ContextLoader() {
        boolean set = false;
        if (!knowsUs(before)) {
            try {
                thread.setContextClassLoader(new WithUs(before));
                set = true;
            } catch (SecurityException e) {
                set = false; // a thread of the JDK's own that must not have one: pgjdbc says what it does not find
            }
        }
        this.changed = set;
    }

    /** Gives the thread back what it had. */
    void restore() {
        if (changed) {
            thread.setContextClassLoader(before);
        }
    }

    private static boolean knowsUs(@Nullable ClassLoader loader) {
        try {
            return loader != null
                    && Class.forName(LibpqSocketFactory.class.getName(), false, loader) == LibpqSocketFactory.class;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    private static final class WithUs extends ClassLoader {
        WithUs(@Nullable ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            return Class.forName(name, true, ContextLoader.class.getClassLoader());
        }
    }
}
