package io.github.pgmanaged.benchmarks.rounds;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * What this process takes.
 *
 * @param cpuNanos its CPU time, that of the compiler and the garbage collector included
 * @param allocated bytes by thread: of all live ones but the one that asks, those of the pools and the carriers of
 *     virtual threads included
 */
record ClientMeter(long cpuNanos, Map<Long, Long> allocated) {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    static ClientMeter read() {
        Map<Long, Long> allocated = new HashMap<>();
        long[] ids = THREADS.getAllThreadIds();
        long own = Thread.currentThread().getId();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        for (int i = 0; i < ids.length; i++) {
            if (bytes[i] > 0 && ids[i] != own) {
                allocated.put(ids[i], bytes[i]);
            }
        }
        return new ClientMeter(SYSTEM.getProcessCpuTime(), allocated);
    }

    /** By the threads that live now; what one allocated that has ended since then is not known. */
    long allocatedBytesSince(ClientMeter before) {
        return allocated.entrySet().stream()
                .mapToLong(now -> now.getValue() - before.allocated.getOrDefault(now.getKey(), 0L))
                .sum();
    }
}
