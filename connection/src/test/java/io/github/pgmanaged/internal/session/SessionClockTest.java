package io.github.pgmanaged.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Time since a mark, by two clocks of which the later one counts. */
class SessionClockTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AtomicLong wallMillis = new AtomicLong(1_000_000);
    private final AtomicInteger readings = new AtomicInteger();
    private final SessionClock clock = new SessionClock(() -> {
        readings.incrementAndGet();
        return Instant.ofEpochMilli(wallMillis.get());
    });

    @Test
    void the_clock_that_is_ahead_counts() {
        clock.mark(0);
        assertThat(clock.elapsed(SECOND)).isEqualTo(SECOND);
        wallMillis.addAndGet(5_000);
        assertThat(clock.elapsed(2 * SECOND)).as("frozen meanwhile").isEqualTo(5 * SECOND);
        wallMillis.addAndGet(-3_600_000);
        assertThat(clock.elapsed(3 * SECOND)).as("set back").isEqualTo(3 * SECOND);
    }

    @Test
    void the_wall_clock_is_read_once_a_microsecond_and_what_it_said_counts_on() {
        clock.mark(0);
        int before = readings.get();
        wallMillis.addAndGet(5_000);
        assertThat(clock.elapsed(999)).isEqualTo(999);
        assertThat(readings).hasValue(before);

        assertThat(clock.elapsed(1_000)).isEqualTo(5 * SECOND);
        assertThat(clock.elapsed(1_500)).as("500 ns later").isEqualTo(5 * SECOND + 500);
        assertThat(readings).hasValue(before + 1);

        clock.mark(1_600);
        assertThat(clock.elapsed(1_700)).as("since the new mark").isEqualTo(100);
    }
}
