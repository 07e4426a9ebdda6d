package io.github.pgmanaged.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgmanaged.benchmarks.results.LeaseProfile.Spent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is counted and how it is told apart; no figure is judged. */
class ProfileTest {
    @TempDir
    Path directory;

    private long sum;

    @Test
    void a_frame_belongs_to_a_room_or_to_its_caller() {
        String internal = "io.github.pgmanaged.internal.";
        assertThat(Rooms.of(internal + "lease.Turnstile", "tryEnter")).isEqualTo("turnstile, or lock");
        assertThat(Rooms.of(internal + "lease.Leasing", "acquire")).isEqualTo("lease");
        assertThat(Rooms.of("io.github.pgmanaged.ManagedConnection", "acquire")).isEqualTo("lease");
        assertThat(Rooms.of(internal + "fence.Gate", "enter")).isEqualTo("fence");
        assertThat(Rooms.of(internal + "Counters", "leased")).isEqualTo("events and counters");
        assertThat(Rooms.of("org.postgresql.core.PGStream", "flush")).isEqualTo("driver");
        assertThat(Rooms.of("sun.nio.ch.NioSocketImpl", "read")).startsWith("socket");
        assertThat(Rooms.of("io.github.pgmanaged.conninfo.internal.net.AwaitedInput", "read"))
                .startsWith("socket");
        assertThat(Rooms.of("java.util.concurrent.locks.LockSupport", "parkNanos"))
                .isEqualTo("park and unpark");
        assertThat(Rooms.of("", "__vdso_clock_gettime")).isEqualTo("the clock");
        assertThat(Rooms.of("java.util.concurrent.locks.ReentrantLock", "lock")).isNull();
        assertThat(Rooms.of("", "do_syscall_64")).isNull();
    }

    /** The Flight Recorder's own samples have the same form as the profiler's. */
    @Test
    void samples_are_counted_by_room_and_by_the_innermost_method_of_ours() {
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(
                        this::recorded,
                        spent -> spent.stream()
                                .anyMatch(each -> each.room().equals("the benchmark's loop")
                                        && each.step().equals("ProfileTest.keepBusy")
                                        && !each.kernel()
                                        && each.samples() > 0));
    }

    private List<Spent> recorded() throws IOException {
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(1));
            recording.start();
            keepBusy();
            recording.stop();
            Path file = directory.resolve("busy.jfr");
            recording.dump(file);
            List<Spent> spent = Tally.of(file);
            Files.delete(file);
            return spent;
        }
    }

    private void keepBusy() {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
        while (System.nanoTime() - until < 0) {
            for (int i = 0; i < 1_000; i++) {
                sum = sum * 31 + i;
            }
        }
    }

    @Test
    void system_calls_are_read_from_what_strace_sums_up() {
        assertThat(SystemCalls.read(List.of(
                        "% time     seconds  usecs/call     calls    errors syscall",
                        "------ ----------- ----------- --------- --------- ----------------",
                        " 60.00    0.000600           2         3           write",
                        " 40.00    0.000400           1       400        12 futex",
                        "------ ----------- ----------- --------- --------- ----------------",
                        "100.00    0.001000           2       403        12 total")))
                .hasToString("{futex=400, write=3}");
    }

    @Test
    void a_thread_that_waits_gives_its_processor_up() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/schedstat")), "only Linux tells");
        long pid = ProcessHandle.current().pid();
        ProcessMeter before = ProcessMeter.read(pid);
        for (int i = 0; i < 10; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        assertThat(ProcessMeter.read(pid).since(before).switches()).isGreaterThanOrEqualTo(10);
    }
}
