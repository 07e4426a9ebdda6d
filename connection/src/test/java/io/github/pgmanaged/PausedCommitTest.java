package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.lostCommit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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
}
