package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.lostCommit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Tenancy;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whoever lost the answer to a COMMIT is answered in a pause, too; but a manager that is drained opens no session. */
@Timeout(120)
class PausedCommitTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private DeafProxy proxy;
    private ManagedConnection manager;

    @BeforeEach
    void putTheProxyBetween() throws Exception {
        proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        manager = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(SOON)
                .build());
    }

    @Test
    void a_holder_that_goes_on_in_a_pause_learns_that_its_transaction_is_committed() throws SQLException {
        String result = manager.inTransaction(lease -> {
            insert(lease, "a");
            manager.pause();
            proxy.cutAnswerTo("COMMIT");
            return "done";
        });
        assertThat(result).isEqualTo("done");
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(manager.isPaused()).isTrue();
        assertThat(manager.tryAcquire()).isEmpty();
    }

    @Test
    void one_asks_later_in_a_pause_before_those_who_wait_for_its_end() throws Exception {
        CommitOutcomeUnknownException unknown = lostCommit(manager, proxy);
        manager.pause();
        CompletableFuture<Void> waiter =
                Elsewhere.run(() -> manager.acquire(Duration.ofMinutes(10)).close());
        Awaitility.await().until(() -> manager.waiters().count() == 1);
        assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
        assertThat(waiter).isNotDone();
        manager.resume();
        assertThat(waiter).succeedsWithin(SOON);
    }

    @Test
    void a_manager_without_a_timeout_asks_in_a_pause_too() throws Exception {
        CommitOutcomeUnknownException unknown = lostCommit(manager, proxy);
        ManagedConnection eager = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(Duration.ZERO)
                .build());
        eager.pause();
        assertThat(eager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
    }

    @Test
    void a_manager_that_is_drained_asks_nothing_and_says_so_at_once() throws Exception {
        CommitOutcomeUnknownException unknown = lostCommit(manager, proxy);
        assertThat(manager.drain(SOON)).isTrue();
        long opened = manager.stats().opened();
        assertThatThrownBy(() -> manager.outcomeOf(unknown))
                .isInstanceOf(SQLTransientConnectionException.class)
                .isNotInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("has been paused for ")
                .hasMessageContaining("drained")
                .hasMessageContaining("Call resume(), and ask again with outcomeOf.");
        assertThat(manager.stats().opened()).isEqualTo(opened);
        assertThat(manager.isOpen()).isFalse();

        manager.resume();
        manager.pause(); // another pause, in which nothing is drained
        assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
    }

    @Test
    void a_pause_that_follows_another_at_the_end_of_its_drain_is_not_drained() throws Exception {
        CommitOutcomeUnknownException unknown = lostCommit(manager, proxy);
        manager.acquire().close();
        manager.asDataSource().unwrap(EventSource.class).addListener(new Events() {
            @Override
            public void closed(CloseReason reason) { // in the drain's turn
                if (reason == CloseReason.DRAINED) {
                    manager.resume();
                    manager.pause();
                }
            }
        });
        assertThat(manager.drain(SOON)).isTrue();
        assertThat(manager.isPaused()).isTrue();
        assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
    }

    @Test
    void a_transaction_that_loses_its_answer_while_a_drain_waits_for_it_can_be_asked_for_later() throws Exception {
        CompletableFuture<Boolean> drain = new CompletableFuture<>();
        manager.asDataSource().unwrap(EventSource.class).addListener(new Events() {
            @Override
            public void ended(Tenancy lease) { // the turn has passed on, and the holder has not asked yet
                drain.join();
            }
        });
        CommitOutcomeUnknownException unknown = catchThrowableOfType(
                CommitOutcomeUnknownException.class,
                () -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    Elsewhere.run(() -> drain.complete(manager.drain(Duration.ofMinutes(1))));
                    Awaitility.await().until(manager::isPaused);
                    proxy.cutAnswerTo("COMMIT");
                }));
        assertThat(drain).isCompletedWithValue(true);
        assertThat(unknown == null).as("the outcome was asked for").isFalse();
        assertThat(unknown.getSuppressed())
                .singleElement()
                .satisfies(trouble -> assertThat(trouble)
                        .isInstanceOf(SQLTransientConnectionException.class)
                        .isNotInstanceOf(AcquireTimeoutException.class)
                        .hasMessageContaining("Call resume(), and ask again with outcomeOf."));
        assertThat(manager.isOpen()).isFalse();
        assertThat(manager.stats().opened()).isEqualTo(1);
        manager.resume();
        assertThat(manager.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_drain_that_comes_while_the_server_is_asked_lets_the_question_have_its_answer() throws Exception {
        CountDownLatch asking = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger sessions = new AtomicInteger();
        ManagedConnection slow = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (sessions.getAndIncrement() == 1) {
                        asking.countDown();
                        awaitQuietly(go);
                    }
                    return proxy.source().getConnection();
                }))
                .verifyCommits(true)
                .acquireTimeout(Duration.ofMinutes(1))
                .build());
        CompletableFuture<String> holder = Elsewhere.call(() -> slow.inTransaction(lease -> {
            insert(lease, "a");
            proxy.cutAnswerTo("COMMIT");
            return "done";
        }));
        asking.await();
        CompletableFuture<Boolean> drain = Elsewhere.call(() -> slow.drain(SOON));
        Awaitility.await().until(slow::isPaused);
        go.countDown();
        assertThat(holder).succeedsWithin(SOON).isEqualTo("done");
        assertThat(drain).succeedsWithin(SOON).isEqualTo(true);
        assertThat(slow.isOpen()).isFalse();
        assertThat(DB.rows()).isEqualTo(1);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_drain_in_vain_keeps_no_transaction_from_its_answer() throws Exception {
        manager.useTransaction(lease -> {
            insert(lease, "a");
            assertThat(Elsewhere.call(() -> manager.drain(Duration.ZERO)).get())
                    .as("the holder is in its way")
                    .isFalse();
            proxy.cutAnswerTo("COMMIT");
        });
        assertThat(manager.isPaused()).isTrue();
        assertThat(manager.drain(SOON)).isTrue();
        assertThat(DB.rows()).isEqualTo(1);
    }
}
