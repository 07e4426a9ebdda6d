package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.DeafProxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener learns of each time in which messages may be missed, and of its end. */
@Timeout(60)
class ListenGapTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();
    private final Heard heard = new Heard();

    private static void send(String payload) throws SQLException {
        DB.query("SELECT pg_notify('jobs', '" + payload + "')");
    }

    private void listen() throws SQLException {
        manager.listen("jobs", heard);
        heard.awaitLines("ready FIRST");
    }

    private void awaitOneGap(Heard listener) throws SQLException {
        listener.awaitLines("ready FIRST", "lost", "ready REOPENED");
        send("after");
        listener.awaitLines("ready FIRST", "lost", "ready REOPENED", "jobs: after");
    }

    // --- the session is replaced --------------------------------------------------------------------------------

    @Test
    void a_session_that_is_killed_while_idle_is_replaced_without_any_lease() throws SQLException {
        manager.listen("jobs", heard);
        DB.kill(pid(manager));
        awaitOneGap(heard);
        assertThat(heard.losses()).singleElement().asString().contains("terminating connection");
    }

    @Test
    void a_session_that_is_killed_under_a_lease_is_replaced() throws SQLException {
        listen();
        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    DB.kill(pid(lease));
                    query(lease, "SELECT 1");
                }))
                .isInstanceOf(SQLException.class);
        awaitOneGap(heard);
    }

    @Test
    void a_reset_is_told() throws SQLException {
        listen();
        manager.reset();
        awaitOneGap(heard);
        assertThat(heard.losses()).singleElement().asString().contains("reset() was called");
    }

    @Test
    void a_lease_that_closes_its_session_is_told() throws SQLException {
        listen();
        manager.useConnection(Lease::closeOnRelease);
        awaitOneGap(heard);
    }

    @Test
    void a_revoked_lease_is_told() throws SQLException {
        listen();
        try (Lease lease = manager.acquire()) {
            assertThat(manager.revoke("a test")).isTrue();
        }
        awaitOneGap(heard);
    }

    @Test
    void the_end_of_the_lifetime_is_told_though_there_is_no_lease() throws SQLException {
        ManagedConnection mortal =
                DB.closing(DB.builder().maxLifetime(Duration.ofSeconds(1)).build());
        mortal.listen("jobs", heard);
        Awaitility.await()
                .untilAsserted(() -> assertThat(heard.lines()).startsWith("ready FIRST", "lost", "ready REOPENED"));
        assertThat(heard.losses()).first().asString().contains("maxLifetime");
    }

    @Test
    void an_idle_timeout_ends_no_session_that_is_listened_to() throws Exception {
        ManagedConnection idle =
                DB.closing(DB.builder().idleTimeout(Duration.ofMillis(50)).build());
        Subscription jobs = idle.listen("jobs", heard);
        int pid = pid(idle);
        // A second manager with the same option loses its session: then this one's janitor has looked, too.
        ManagedConnection other =
                DB.closing(DB.builder().idleTimeout(Duration.ofMillis(200)).build());
        other.open();
        Awaitility.await().until(() -> !other.isOpen());
        assertThat(pid(idle)).isEqualTo(pid);
        assertThat(heard.lines()).containsExactly("ready FIRST");
        jobs.close();
        Awaitility.await().until(() -> !idle.isOpen());
    }

    @Test
    void a_server_that_comes_back_is_listened_to_again_with_the_messages_in_order() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection through =
                DB.closing(ManagedConnection.builder(proxy.source()).build());
        through.listen("jobs", heard);
        send("1");
        heard.awaitLast("jobs: 1");
        DB.kill(pid(through));
        heard.awaitLast("ready REOPENED");
        send("2");
        heard.awaitLines("ready FIRST", "jobs: 1", "lost", "ready REOPENED", "jobs: 2");
    }

    // --- a lease ends the listening -----------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {"UNLISTEN *", "UNLISTEN jobs", "DISCARD ALL", "UNLISTEN *; LISTEN jobs", "SELECT 1; UNLISTEN *"})
    void a_lease_that_ends_the_listening_makes_a_gap(String sql) throws SQLException {
        listen();
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            execute(lease, sql);
        });
        awaitOneGap(heard);
        assertThat(heard.losses()).singleElement().asString().contains("UNLISTEN");
    }

    @ParameterizedTest
    @EnumSource(SessionReset.class)
    void whatever_a_release_clears_the_listening_goes_on(SessionReset reset) throws SQLException {
        ManagedConnection cleared = DB.closing(DB.builder().sessionReset(reset).build());
        cleared.listen("jobs", heard);
        cleared.useConnection(lease -> {
            lease.setAutoCommit(true);
            execute(lease, "SET work_mem = '1MB'");
            execute(lease, "LISTEN mine");
            execute(lease, "DO 'BEGIN END'");
        });
        send("1");
        heard.awaitLines("ready FIRST", "jobs: 1");
        cleared.useConnection(lease -> {
            lease.setAutoCommit(true);
            execute(lease, "UNLISTEN *");
        });
        heard.awaitLines("ready FIRST", "jobs: 1", "lost", "ready REOPENED");
        send("2");
        heard.awaitLast("jobs: 2");
    }

    @ParameterizedTest
    @EnumSource(
            value = SessionReset.class,
            names = {"VISIBLE", "FULL"})
    void a_lease_that_ends_the_listening_where_one_does_not_see_it_makes_a_gap(SessionReset reset) throws SQLException {
        ManagedConnection cleared = DB.closing(DB.builder().sessionReset(reset).build());
        cleared.listen("jobs", heard);
        cleared.useConnection(lease -> {
            lease.setAutoCommit(true);
            execute(lease, "DO 'BEGIN UNLISTEN jobs; END'");
        });
        awaitOneGap(heard);
    }

    @Test
    void nothing_is_missed_while_a_release_clears_what_a_lease_listens_to() throws Exception {
        listen();
        for (int i = 0; i < 50; i++) {
            int number = i;
            manager.useConnection(lease -> {
                lease.setAutoCommit(true);
                execute(lease, "LISTEN mine");
                send("" + number);
            });
        }
        heard.awaitLast("jobs: 49");
        assertThat(heard.lines()).hasSize(51).doesNotContain("lost");
    }

    // --- a listener that is too slow ----------------------------------------------------------------------------

    @Test
    void a_listener_that_is_too_far_behind_misses_what_comes_next_and_learns_of_it() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        NotificationListener slow = new NotificationListener() {
            @Override
            public void onReady(Reason reason) {
                heard.onReady(reason);
            }

            @Override
            public void onNotification(Notification notification) throws Exception {
                go.await();
                heard.onNotification(notification);
            }

            @Override
            public void onLost(SQLException cause) {
                heard.onLost(cause);
            }
        };
        ExecutorService itsOwn = Executors.newSingleThreadExecutor();
        DB.closing((AutoCloseable) itsOwn::shutdown);
        manager.listen("jobs", slow, itsOwn);
        DB.query("SELECT count(pg_notify('jobs', i::text)) FROM generate_series(1, 30000) i");
        Heard second = new Heard();
        manager.listen("other", second);
        DB.query("SELECT pg_notify('other', 'end')");
        second.awaitLast("other: end");
        go.countDown();
        heard.awaitLast("ready REOPENED");
        send("after");
        heard.awaitLast("jobs: after");

        assertThat(heard.losses()).singleElement().asString().contains("behind");
        int lost = heard.lines().indexOf("lost");
        assertThat(heard.lines().get(lost + 1)).isEqualTo("ready REOPENED");
        for (int i = 1; i < lost; i++) {
            assertThat(heard.lines().get(i)).isEqualTo("jobs: " + i);
        }
        assertThat(lost).isBetween(10_000, 10_010);
    }
}
