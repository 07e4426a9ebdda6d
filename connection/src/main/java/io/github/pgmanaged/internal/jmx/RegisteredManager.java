package io.github.pgmanaged.internal.jmx;

import io.github.pgmanaged.internal.Log;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.lease.Leasing;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * A manager's place in the platform's MBean server.
 *
 * <p>Thread safety: safe.
 */
final class RegisteredManager {
    private final MBeanServer server;
    private final ObjectName name;
    private final AtomicBoolean removed = new AtomicBoolean();

    private RegisteredManager(MBeanServer server, ObjectName name) {
        this.server = server;
        this.name = name;
    }

    static RegisteredManager of(Options options, Leasing leasing) throws JMException {
        ManagerMXBean bean = new ManagerMXBean(leasing);
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        String first = "io.github.pgmanaged:type=ManagedConnection,name=" + ObjectName.quote(options.nameOrTarget());
        ObjectName name = new ObjectName(first);
        for (int number = 2; ; number++) {
            try {
                return new RegisteredManager(
                        server, server.registerMBean(bean, name).getObjectName());
            } catch (InstanceAlreadyExistsException e) { // another manager's of the same name
                name = new ObjectName(first + ",number=" + number);
            }
        }
    }

    /** Takes it out again; once, since another manager may have the name after that. */
    void remove() {
        if (!removed.compareAndSet(false, true)) {
            return;
        }
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            return; // somebody else has done so
        } catch (JMException | RuntimeException e) {
            Log.detachedWarn("{} could not be taken out of JMX", name, e);
        }
    }
}
