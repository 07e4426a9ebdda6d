package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.failover.Writers;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A PgBouncer that answers nothing holds nobody up for longer than it may. */
class FrozenTest extends BehindPgBouncer {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration BOUND = Duration.ofSeconds(8);

    /** The last columns are "paused" and "disabled". */
    private static final Pattern PAUSED = Pattern.compile("^postgres\\|.*\\|1\\|0$", Pattern.MULTILINE);

    private interface Run {
        void run() throws Exception;
    }

    private static Duration time(Run run) throws Exception {
        long began = System.nanoTime();
        run.run();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @ParameterizedTest
    @EnumSource
    void a_rollback_at_release_ends_with_the_release_timeout(PgBouncer.Mode mode) throws Exception {
        PgBouncer bouncer = bouncer(mode);
        ManagedConnection manager =
                closing(builder(bouncer).releaseTimeout(SHORT).build());
        Lease lease = manager.acquire();
        execute(lease, "INSERT INTO example VALUES ('a')");
        bouncer.freeze();
        assertThat(time(() -> assertThatThrownBy(lease::close)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("ROLLBACK failed")))
                .isBetween(SHORT.minusMillis(20), BOUND);
        assertThat(manager.isOpen()).isFalse();

        bouncer.goOn();
        manager.useTransaction(next -> execute(next, "INSERT INTO example VALUES ('b')"));
        Awaitility.await("the server learns that the client has gone")
                .until(
                        () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'"),
                        "0"::equals);
        assertThat(server.ask("SELECT string_agg(key, ',') FROM example")).isEqualTo("b");
    }

    @ParameterizedTest
    @EnumSource
    void acquiring_ends_with_the_acquire_timeout(PgBouncer.Mode mode) throws Exception {
        PgBouncer bouncer = bouncer(mode);
        ManagedConnection manager = closing(validating(bouncer));
        manager.acquire().close();
        bouncer.freeze();
        assertThat(time(() ->
                        assertThatThrownBy(() -> manager.acquire(SOON)).isInstanceOf(AcquireTimeoutException.class)))
                .isLessThan(BOUND);
        bouncer.goOn();
        manager.useTransaction(next -> execute(next, "INSERT INTO example VALUES ('b')"));
        assertThat(rows()).isEqualTo("1");
    }

    private static ManagedConnection validating(PgBouncer bouncer) {
        return builder(bouncer).validateAfterIdle(Duration.ZERO).build();
    }

    @Test
    void acquiring_during_a_pause_ends_with_the_acquire_timeout() throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.TRANSACTION);
        ManagedConnection manager = closing(validating(bouncer));
        manager.acquire().close();
        bouncer.tell("PAUSE");
        for (int i = 0; i < 2; i++) {
            assertThat(time(() -> assertThatThrownBy(() -> manager.acquire(SOON))
                            .isInstanceOf(AcquireTimeoutException.class)))
                    .isLessThan(BOUND);
        }
        bouncer.tell("RESUME");
        manager.useTransaction(next -> execute(next, "INSERT INTO example VALUES ('b')"));
        assertThat(rows()).isEqualTo("1");
    }

    @Test
    void acquiring_while_other_sessions_have_the_whole_pool_ends_with_the_acquire_timeout() throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.SESSION, "default_pool_size = 1");
        ManagedConnection first = closing(builder(bouncer).build());
        first.acquire().close();
        ManagedConnection second = closing(validating(bouncer));
        assertThat(time(() ->
                        assertThatThrownBy(() -> second.acquire(SOON)).isInstanceOf(AcquireTimeoutException.class)))
                .isLessThan(BOUND);
        first.close();
        second.useTransaction(next -> execute(next, "INSERT INTO example VALUES ('b')"));
        assertThat(rows()).isEqualTo("1");
    }

    @Test
    void a_transaction_that_is_under_way_ends_before_the_pause() throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.TRANSACTION);
        ManagedConnection manager = closing(builder(bouncer).build());
        CompletableFuture<String> pausing;
        try (Lease lease = manager.acquire()) {
            execute(lease, "INSERT INTO example VALUES ('a')");
            pausing = Elsewhere.call(() -> bouncer.tell("PAUSE postgres"));
            Awaitility.await("a pause that waits")
                    .until(() -> PAUSED.matcher(bouncer.tell("SHOW DATABASES")).find());
            assertThat(pausing).isNotDone();
            execute(lease, "INSERT INTO example VALUES ('b')");
            lease.commit();
        }
        pausing.get(10, TimeUnit.SECONDS);
        bouncer.tell("RESUME postgres");
        assertThat(rows()).isEqualTo("2");
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_short_pause_is_waited_for_and_nobody_is_told() throws Exception {
        server.execute("DROP TABLE IF EXISTS written", Writers.TABLE);
        PgBouncer bouncer = bouncer(PgBouncer.Mode.TRANSACTION);
        ManagedConnection manager = closing(builder(bouncer).build());
        try (Writers writers = new Writers(manager, 4)) {
            writers.awaitProgress(BOUND);
            bouncer.tell("PAUSE");
            Awaitility.await("a client that waits")
                    .until(() -> bouncer.tell("SHOW CLIENTS").contains("|waiting|"));
            bouncer.tell("RESUME");
            writers.awaitProgress(BOUND);
            writers.stop();
            assertThat(writers.failed()).isEmpty();
            assertThat(writers.unknown()).isEmpty();
        }
        assertThat(manager.stats().opened()).isEqualTo(1);
    }
}
