package io.github.pgmanaged.benchmarks.rounds;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process takes.
 *
 * @param cpuNanos its CPU time, that of the compiler and the garbage collector included
 * @param allocatedBytes by all live threads but the one that asks, those of the pools and the carriers of virtual
 *     threads included
 */
record ClientMeter(long cpuNanos, long allocatedBytes) {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    static ClientMeter read() {
        long sum = 0;
        long[] ids = THREADS.getAllThreadIds();
        long own = Thread.currentThread().getId();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            sum += bytes[i] > 0 && ids[i] != own ? bytes[i] : 0;
        }
        return new ClientMeter(SYSTEM.getProcessCpuTime(), sum);
    }
}
