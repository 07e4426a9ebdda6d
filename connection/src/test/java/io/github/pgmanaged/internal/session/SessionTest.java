package io.github.pgmanaged.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SessionTest {
    @Test
    void lifetimes_are_up_to_a_tenth_shorter_by_chance() {
        Duration hour = Duration.ofHours(1);
        List<Long> lifetimes =
                Stream.generate(() -> Session.lifetime(hour)).limit(1_000).toList();
        assertThat(lifetimes).allMatch(l -> l <= hour.toNanos() && l >= hour.toNanos() / 10 * 9);
        assertThat(Collections.max(lifetimes) - Collections.min(lifetimes)).isGreaterThan(hour.toNanos() / 20);
    }
}
