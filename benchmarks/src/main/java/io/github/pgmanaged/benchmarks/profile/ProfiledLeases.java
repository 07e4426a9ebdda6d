package io.github.pgmanaged.benchmarks.profile;

import com.google.gson.Gson;
import com.sun.management.ThreadMXBean;
import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.results.LeaseProfile;
import io.github.pgmanaged.benchmarks.results.LeaseProfile.Spent;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.rounds.Work;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import one.profiler.AsyncProfiler;

/**
 * Profiles one case, in a JVM of its own: lets it run until it is compiled, takes samples, counts system calls, which
 * slows it down, and then measures it undisturbed. Arguments: the number of the case, the seconds of each step, and the
 * file for the result.
 */
public final class ProfiledLeases {
    /** So short that a lease's steps are seen, so long that the samples take little. */
    private static final String INTERVAL = "500us";

    /** System calls that are rarer have nothing to do with the leases. */
    private static final double RARE = 0.005;

    /** So many times as long as each of the other steps. */
    private static final int WARM_UP = 2;

    private final Case what;
    private final Desk desk;
    private final long backend;
    private final List<Leaser> leasers = new ArrayList<>();
    private volatile boolean over;

    private ProfiledLeases(Case what, Desk desk, long backend) {
        this.what = what;
        this.desk = desk;
        this.backend = backend;
    }

    /**
     * Runs it.
     *
     * @param arguments case, seconds, file
     */
    public static void main(String[] arguments) throws Exception {
        Case what = Case.all().get(Integer.parseInt(arguments[0]));
        int seconds = Integer.parseInt(arguments[1]);
        try (BenchServer server = BenchServer.find();
                Desk desk = Contenders.named(what.contender()).open(server.socket())) {
            desk.giveBack(desk.take());
            long backend = Long.parseLong(server.ask("SELECT pid FROM pg_stat_activity"
                    + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"));
            LeaseProfile profile = new ProfiledLeases(what, desk, backend).run(seconds);
            Files.writeString(Path.of(arguments[2]), new Gson().toJson(profile));
        }
        System.exit(0);
    }

    /** One of the threads. Its count is read by others while it runs. */
    private final class Leaser extends Thread {
        private final Work work = what.empty() ? (connection, turn) -> {} : Work.of(Scenario.PLAIN);
        private final AtomicLong leases = new AtomicLong();

        @Override
        public void run() {
            try {
                for (long i = 1; !over; i++) {
                    Connection connection = desk.take();
                    try {
                        work.use(connection, i);
                    } finally {
                        desk.giveBack(connection);
                    }
                    leases.setOpaque(i);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e); // ends the thread, which is seen in the counts
            }
        }
    }

    private long leases() {
        return leasers.stream().mapToLong(each -> each.leases.getOpaque()).sum();
    }

    private LeaseProfile run(int seconds) throws IOException, InterruptedException {
        for (int i = 0; i < what.threads(); i++) {
            Leaser leaser = new Leaser();
            leasers.add(leaser);
            leaser.start();
        }
        Thread.sleep(WARM_UP * 1_000L * seconds);
        LeaseProfile measured = measure(1_000L * seconds, samples(seconds), calls(seconds));
        over = true;
        for (Leaser each : leasers) {
            each.join();
        }
        return measured;
    }

    /** How often the client and the backend called the system, by a lease. */
    private record Calls(Map<String, Double> client, Map<String, Double> server) {}

    private LeaseProfile measure(long millis, List<Spent> spent, Calls calls) throws IOException, InterruptedException {
        long pid = ProcessHandle.current().pid();
        ProcessMeter clientBefore = ProcessMeter.read(pid);
        ProcessMeter serverBefore = ProcessMeter.read(backend);
        long bytesBefore = allocated();
        long leasesBefore = leases();
        long begun = System.nanoTime();
        Thread.sleep(millis);
        double leases = leases() - leasesBefore;
        double nanos = System.nanoTime() - begun;
        double bytes = allocated() - bytesBefore;
        ProcessMeter.Taken server = ProcessMeter.read(backend).since(serverBefore);
        ProcessMeter.Taken client = ProcessMeter.read(pid).since(clientBefore);
        return new LeaseProfile(
                what.title(),
                nanos / leases,
                client.cpuNanos() / leases,
                server.cpuNanos() / leases,
                bytes / leases,
                client.switches() / leases,
                client.preempted() / leases,
                server.switches() / leases,
                calls.client(),
                calls.server(),
                spent);
    }

    /** As JMH's profiler of the garbage collector counts it: the bytes of the threads that lease. */
    private long allocated() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        return leasers.stream()
                .mapToLong(each -> threads.getThreadAllocatedBytes(each.getId()))
                .sum();
    }

    private static List<Spent> samples(int seconds) throws IOException, InterruptedException {
        Path file = Files.createTempFile("lease", ".jfr");
        try {
            AsyncProfiler profiler = AsyncProfiler.getInstance();
            profiler.execute("start,jfr,event=cpu,interval=" + INTERVAL + ",cstack=vm,file=" + file);
            Thread.sleep(1_000L * seconds);
            profiler.execute("stop");
            return Tally.of(file);
        } finally {
            Files.delete(file);
        }
    }

    private Calls calls(int seconds) throws IOException, InterruptedException {
        // The client last: whatever a process that is traced starts is traced, too, and then traces nothing.
        try (SystemCalls server = SystemCalls.count(backend);
                SystemCalls client = SystemCalls.count(ProcessHandle.current().pid())) {
            if (client == null || server == null) {
                return new Calls(Map.of(), Map.of());
            }
            long before = leases();
            Thread.sleep(1_000L * seconds);
            double leases = leases() - before;
            return new Calls(perLease(client.end(), leases), perLease(server.end(), leases));
        }
    }

    private static Map<String, Double> perLease(Map<String, Long> calls, double leases) {
        Map<String, Double> each = new LinkedHashMap<>();
        calls.forEach((name, count) -> {
            if (count / leases >= RARE) {
                each.put(name, count / leases);
            }
        });
        return each;
    }
}
