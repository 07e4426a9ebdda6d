package io.github.pgmanaged.micrometer.modules;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.micrometer.ManagedConnectionMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** A program that binds a manager, and says in which modules. */
final class BoundProgram {
    private BoundProgram() {}

    public static void main(String[] args) throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (ManagedConnection manager = ManagedConnection.of(args[0]);
                ManagedConnectionMetrics metrics = new ManagedConnectionMetrics(manager)) {
            metrics.bindTo(registry);
            manager.acquire().close();
            System.out.println(ManagedConnectionMetrics.class.getModule() + ", "
                    + ManagedConnection.class.getModule() + ", uses "
                    + registry.get("db.client.connection.use_time").timer().count());
        }
    }
}
