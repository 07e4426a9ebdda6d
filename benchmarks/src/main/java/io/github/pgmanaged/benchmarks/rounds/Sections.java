package io.github.pgmanaged.benchmarks.rounds;

import com.sun.management.OperatingSystemMXBean;
import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.results.Section;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the parts of a run one after the other, and looks what else the machine does meanwhile. A part that fails is
 * noted, and the others are run. For one thread.
 */
public final class Sections {
    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    /** The kernel's unit in {@code stat}. */
    private static final long TICK = 10_000_000;

    private static final int CHILDREN_USER = 13;
    private static final int CHILDREN_SYSTEM = 14;
    /** Of the first line of the machine's {@code stat}: user, nice, system, (idle, iowait,) irq, softirq, steal. */
    private static final int[] BUSY = {1, 2, 3, 6, 7, 8};

    private final ServerProcesses server;
    private final List<Section> sections = new ArrayList<>();

    /**
     * On a server, whose processes are not something else.
     *
     * @param server the server
     */
    public Sections(BenchServer server) throws SQLException {
        this.server = ServerProcesses.of(server);
    }

    /** A part of the run. */
    public interface Part {
        /**
         * Measures.
         *
         * @throws Exception which is noted
         */
        void run() throws Exception;
    }

    /**
     * Runs a part.
     *
     * @param title what it is
     * @param expectedLoad how many threads and processes it lets run at the same time
     * @param part what to do
     */
    public void run(String title, double expectedLoad, Part part) throws InterruptedException {
        double loadBefore = load();
        long others = others();
        long begun = System.nanoTime();
        String failure = "";
        try {
            part.run();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            failure = e.toString();
        }
        long took = System.nanoTime() - begun;
        long othersAfter = others();
        double taken = others < 0 || othersAfter < 0 ? -1 : Math.max(0, (double) (othersAfter - others) / took);
        sections.add(new Section(
                title, TimeUnit.NANOSECONDS.toSeconds(took), expectedLoad, loadBefore, load(), taken, failure));
    }

    /**
     * What was run.
     *
     * @return in order
     */
    public List<Section> list() {
        return List.copyOf(sections);
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    /** The CPU time of all that is neither this process, nor one that it started, nor the server; or below zero. */
    private long others() {
        long theServer = server.cpuNanos();
        if (theServer < 0) {
            return -1;
        }
        try {
            String[] machine = Files.readString(Path.of("/proc/stat"))
                    .lines()
                    .findFirst()
                    .orElseThrow()
                    .split(" +", -1);
            long busy = 0;
            for (int i : BUSY) {
                busy += Long.parseLong(machine[i]) * TICK;
            }
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] own = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            long children = (Long.parseLong(own[CHILDREN_USER]) + Long.parseLong(own[CHILDREN_SYSTEM])) * TICK;
            return busy - SYSTEM.getProcessCpuTime() - children - theServer;
        } catch (IOException e) {
            return -1;
        }
    }
}
