package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.lostCommit;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscriptions in a pause: the session that is there is listened to, whatever has become of it, and no other. */
@Timeout(120)
class PausedListeningTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().acquireTimeout(Duration.ofMinutes(10)).build());
    private final Heard heard = new Heard();

    private static void send(String payload) throws SQLException {
        DB.query("SELECT pg_notify('jobs', '" + payload + "')");
    }

    /** A channel ends while the lease is held, so that the server learns of it in the pause. */
    private int endOneChannelOfTwoInAPause() throws SQLException {
        Subscription news = manager.listen("news", new Heard());
        manager.listen("jobs", heard);
        try (Lease lease = manager.acquire()) {
            manager.pause();
            news.close();
            return pid(lease);
        }
    }

    @Test
    void messages_come_after_the_channels_have_changed() throws SQLException {
        int pid = endOneChannelOfTwoInAPause();
        send("1");
        heard.awaitLines("ready FIRST", "jobs: 1");
        Awaitility.await("the server has learned of it")
                .until(() -> DB.query("SELECT query LIKE '%UNLISTEN%' OR query LIKE '%pg_listening_channels%'"
                                + " FROM pg_stat_activity WHERE pid = " + pid)
                        .equals("t"));
    }

    @Test
    void messages_come_though_the_session_is_over_its_lifetime_and_it_is_replaced_after_the_pause() throws Exception {
        Duration lifetime = Duration.ofSeconds(2);
        ManagedConnection aging = DB.closing(DB.builder().maxLifetime(lifetime).build());
        aging.listen("jobs", heard);
        aging.pause();
        long paused = System.nanoTime();
        Awaitility.await().until(() -> System.nanoTime() - paused > TimeUnit.MILLISECONDS.toNanos(2500));
        send("1");
        heard.awaitLast("jobs: 1");
        send("2");
        heard.awaitLast("jobs: 2");

        long opened = aging.stats().opened();
        aging.resume();
        aging.acquire().close();
        heard.awaitLast("ready REOPENED");
        assertThat(aging.stats().opened()).isGreaterThan(opened);
    }

    @Test
    void a_session_that_is_lost_is_told_at_once_and_none_is_opened_until_the_manager_is_resumed() throws Exception {
        int pid = endOneChannelOfTwoInAPause();
        DB.kill(pid);
        heard.awaitLines("ready FIRST", "lost");
        Awaitility.await("none is opened")
                .during(Duration.ofMillis(500))
                .until(() -> manager.stats().opened() == 1);
        manager.resume();
        heard.awaitLines("ready FIRST", "lost", "ready REOPENED");
        send("1");
        heard.awaitLast("jobs: 1");
    }

    @Test
    void messages_come_in_a_session_that_the_question_for_a_commit_opens_in_a_pause() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection asking = DB.closing(ManagedConnection.builder(proxy.source())
                .verifyCommits(true)
                .acquireTimeout(Duration.ofSeconds(20))
                .build());
        asking.listen("jobs", heard);
        heard.awaitLines("ready FIRST");
        CommitOutcomeUnknownException unknown = lostCommit(asking, proxy);
        heard.awaitLines("ready FIRST", "lost", "ready REOPENED");
        asking.pause();
        DB.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()");
        Awaitility.await().until(() -> !asking.isOpen());
        asking.asDataSource().unwrap(EventSource.class).addListener(new Events() {
            @Override
            public void opened(long nanos) { // the listening thread was woken before, and the session is not there yet
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> Thread.getAllStackTraces().entrySet().stream()
                                .anyMatch(thread -> thread.getKey().getName().equals("pgmanaged listening")
                                        && thread.getKey().getState() == Thread.State.TIMED_WAITING));
                Awaitility.await().pollDelay(Duration.ofMillis(50)).until(() -> true);
            }
        });

        assertThat(asking.outcomeOf(unknown)).isEqualTo(CommitOutcome.COMMITTED);

        heard.awaitLines("ready FIRST", "lost", "ready REOPENED", "lost", "ready REOPENED");
        DB.query("SELECT pg_notify('jobs', '1')");
        heard.awaitLast("jobs: 1");
    }

    @Test
    void who_begins_to_listen_in_a_pause_waits_for_its_end() throws Exception {
        pid(manager);
        manager.pause();
        CompletableFuture<Subscription> late = Elsewhere.call(() -> manager.listen("jobs", heard));
        Awaitility.await().until(() -> manager.waiters().count() == 1);
        assertThat(late).isNotDone();
        manager.resume();
        assertThat(late).succeedsWithin(Duration.ofSeconds(60));
        heard.awaitLines("ready FIRST");
    }

    @Test
    void who_begins_to_listen_in_vain_learns_of_the_pause() throws Exception {
        ManagedConnection hasty =
                DB.closing(DB.builder().acquireTimeout(Duration.ofMillis(50)).build());
        hasty.pause();
        assertThatThrownBy(() -> hasty.listen("jobs", heard))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasMessageContaining("It has been paused for ")
                .hasMessageContaining("Call resume()");
        assertThat(hasty.stats().opened()).isZero();
    }
}
