package io.github.pgmanaged.benchmarks.results;

/**
 * Where it was measured.
 *
 * @param cpu the processor's name
 * @param cores how many this process may use
 * @param memory of the machine
 * @param system its name and kernel
 * @param jdk the virtual machine and its version
 * @param arguments of the virtual machine
 * @param server the server's version
 * @param loadBefore the load average before; "unknown" where there is none
 * @param loadAfter the load average afterwards
 */
public record Machine(
        String cpu,
        int cores,
        String memory,
        String system,
        String jdk,
        String arguments,
        String server,
        String loadBefore,
        String loadAfter) {}
