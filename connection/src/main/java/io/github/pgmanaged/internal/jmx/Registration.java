package io.github.pgmanaged.internal.jmx;

import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.lease.Leasing;

/** Puts a manager into JMX, where there is JMX. That is not worth a manager: if it fails, it is logged. */
public final class Registration {
    private Registration() {}

    /**
     * Registers a manager.
     *
     * @return takes it out again
     */
    public static Runnable of(Options options, Leasing leasing) {
        try {
            return RegisteredManager.of(options, leasing)::remove;
        } catch (Exception | LinkageError e) {
            Log.detachedWarn(
                    "{} could not be registered in JMX, and works without it: {}. The program needs the module"
                            + " java.management.",
                    options.label(),
                    e,
                    e);
            return () -> {};
        }
    }
}
