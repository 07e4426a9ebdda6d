package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.ClosedPort;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a thread can learn that looks while there is no session: {@link ManagedConnection#opening}. */
class NoSessionYetTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void there_is_nothing_to_say_before_a_session_is_wanted_and_once_there_is_one() throws SQLException {
        ManagedConnection manager = DB.manager();
        assertThat(manager.opening()).isEmpty();
        try (Lease lease = manager.acquire()) {
            assertThat(manager.opening()).isEmpty();
            assertThat(lease.isClosed()).isFalse();
        }
        manager.reset();
        assertThat(manager.opening()).isEmpty();
    }

    @Test
    void a_thread_without_a_name_is_named_by_its_number() throws Exception {
        CountDownLatch wanted = new CountDownLatch(1);
        CountDownLatch given = new CountDownLatch(1);
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> {
                    wanted.countDown();
                    given.await();
                })
                .build());
        CompletableFuture<Boolean> leased = new CompletableFuture<>();
        Thread opener = Elsewhere.start(task -> new Thread(task, ""), leased, () -> {
            manager.acquire().close();
            return true;
        });
        wanted.await();
        assertThat(manager.opening())
                .get()
                .asString()
                .startsWith("Thread \"thread #" + opener.getId() + "\" is getting the session ready");
        given.countDown();
        assertThat(leased.get()).isTrue();
    }

    @Test
    void the_thread_that_opens_is_named_and_for_how_long_it_has_tried() throws Exception {
        CountDownLatch wanted = new CountDownLatch(1);
        CountDownLatch given = new CountDownLatch(1);
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> {
                    wanted.countDown();
                    given.await();
                })
                .build());
        AtomicReference<Thread> opener = new AtomicReference<>();
        CompletableFuture<Void> leased = Elsewhere.run(() -> {
            opener.set(Thread.currentThread());
            manager.acquire().close();
        });
        wanted.await();
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(manager.opening()).hasValueSatisfying(opening -> {
                    assertThat(opening.thread()).contains(opener.get());
                    assertThat(opening.lasting()).isGreaterThan(Duration.ofMillis(50));
                    assertThat(opening.failures()).isZero();
                    assertThat(opening.lastFailure()).isEmpty();
                    assertThat(opening.toString()).contains("elsewhere", "getting the session ready");
                }));
        given.countDown();
        leased.get();
        assertThat(manager.opening()).isEmpty();
    }

    @Test
    void the_last_failure_is_kept_until_a_session_is_opened() throws SQLException {
        AtomicBoolean away = new AtomicBoolean(true);
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (away.get()) {
                        throw new SQLException("not there", "08001");
                    }
                    return DB.source().getConnection();
                }))
                .build());
        for (int failures = 1; failures <= 3; failures++) {
            assertThatThrownBy(manager::acquire).hasMessage("not there");
            Opening opening = manager.opening().orElseThrow();
            assertThat(opening.thread()).isEmpty();
            assertThat(opening.failures()).isEqualTo(failures);
            Opening.Failure last = opening.lastFailure().orElseThrow();
            assertThat(last.sqlState()).isEqualTo("08001");
            assertThat(last.message()).isEqualTo("not there");
            assertThat(last.age()).isLessThanOrEqualTo(opening.lasting());
        }
        away.set(false);
        manager.acquire().close();
        assertThat(manager.opening()).isEmpty();
    }

    @Test
    void a_thread_that_tries_again_and_again_is_named_with_its_failures() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection manager = ManagedConnection.builder(proxy.source())
                .acquireTimeout(Duration.ofMinutes(10))
                .validateAfterIdle(Duration.ZERO)
                .build();
        manager.open();
        proxy.close();
        CompletableFuture<Void> waits = Elsewhere.run(() -> manager.acquire().close());
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(manager.opening()).hasValueSatisfying(opening -> {
                    assertThat(opening.thread()).isPresent();
                    assertThat(opening.failures()).isGreaterThan(1);
                    assertThat(opening.toString()).contains("attempts have failed", "refused");
                }));
        manager.close();
        assertThatThrownBy(waits::get).hasMessageContaining("closed");
    }

    @Test
    void it_is_silent_about_secrets() throws Exception {
        int port = DB.closing(new ClosedPort()).port();
        ManagedConnection manager =
                DB.closing(ManagedConnection.of("postgres://user:s3cret@127.0.0.1:" + port + "/orders"));
        assertThatThrownBy(manager::acquire).isInstanceOf(SQLException.class);
        assertThat(manager.opening().orElseThrow().toString())
                .contains("refused")
                .doesNotContain("s3cret");
    }
}
