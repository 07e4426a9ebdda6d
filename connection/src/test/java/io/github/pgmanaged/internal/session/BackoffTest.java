package io.github.pgmanaged.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void pauses_grow_to_a_second_and_differ_by_chance() {
        Backoff backoff = new Backoff();
        assertThat(backoff.pauseNanos(0)).isZero();
        long longest = Backoff.SHORTEST_NANOS;
        for (int i = 0; i < 20; i++) {
            backoff.failed(1_000);
            assertThat(backoff.pauseNanos(1_000)).isBetween(longest / 2, longest);
            longest = Math.min(Backoff.LONGEST_NANOS, longest * 2);
        }
        backoff.succeeded();
        assertThat(backoff.pauseNanos(1_000)).isZero();
    }
}
