package io.github.pgmanaged.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** For how long a crowd works. */
@Timeout(60)
class CrowdTest {
    /** Else a machine that stands still could end the run before a backend is killed in it. */
    @Test
    void itWorksOnUntilItsWatcherHasSeenEverything() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        try (Crowd crowd = new Crowd(2)) {
            crowd.work(
                    Duration.ofMillis(1),
                    number -> () -> LockSupport.parkNanos(1_000_000),
                    sinceStart -> looks.incrementAndGet() >= 3);
        }
        assertThat(looks).hasValueGreaterThanOrEqualTo(3);
    }
}
