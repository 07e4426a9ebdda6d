package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.Elsewhere;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Messages that the manager listens to for its subscribers: while it is idle, and while somebody holds the lease. */
@Timeout(60)
class ListenTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();
    private final Heard heard = new Heard();

    private static void send(String channel, String payload) throws SQLException {
        DB.query("SELECT pg_notify('" + channel + "', '" + payload + "')");
    }

    private String listening() throws SQLException {
        return manager.<String, SQLException>inTransaction(
                lease -> query(lease, "SELECT string_agg(c, ',' ORDER BY c) FROM pg_listening_channels() c"));
    }

    private static List<String> payloads(PGNotification[] notifications) {
        return List.of(notifications).stream().map(PGNotification::getParameter).toList();
    }

    // --- while nobody holds the lease ---------------------------------------------------------------------------

    @Test
    void a_listener_is_ready_before_its_first_message_and_hears_all_in_order() throws SQLException {
        try (Subscription jobs = manager.listen("jobs", heard)) {
            assertThat(jobs.channel()).isEqualTo("jobs");
            for (int i = 1; i <= 3; i++) {
                send("jobs", "" + i);
            }
            heard.awaitLines("ready FIRST", "jobs: 1", "jobs: 2", "jobs: 3");
        }
    }

    @Test
    void a_message_has_its_channel_its_payload_and_the_process_that_sent_it() throws SQLException {
        manager.listen("jobs", heard);
        send("jobs", "a");
        heard.awaitLast("jobs: a");
        assertThat(heard.notifications()).containsExactly(new Notification("jobs", "a", pid(DB.admin())));
    }

    @Test
    void listening_opens_the_session_if_it_is_closed() throws SQLException {
        assertThat(manager.isOpen()).isFalse();
        manager.listen("jobs", heard);
        assertThat(manager.isOpen()).isTrue();
    }

    @Test
    void what_is_said_for_the_listening_leaves_no_transaction_open_after_leases_without_autocommit()
            throws SQLException {
        manager.useTransaction(lease -> query(lease, "SELECT 1"));
        Subscription jobs = manager.listen("jobs", heard);
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        send("jobs", "1");
        heard.awaitLast("jobs: 1");

        manager.useTransaction(lease -> query(lease, "SELECT 1"));
        jobs.close();
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        assertThat(listening()).isNull();
    }

    @Test
    void the_longest_payload_arrives_whole() throws SQLException {
        manager.listen("jobs", heard);
        String longest = "x".repeat(7999);
        send("jobs", longest);
        heard.awaitLast("jobs: " + longest);
    }

    @Test
    void each_listener_hears_its_own_channel_and_several_may_hear_one() throws SQLException {
        Heard second = new Heard();
        Heard other = new Heard();
        manager.listen("jobs", heard);
        manager.listen("jobs", second);
        manager.listen("other", other);
        send("jobs", "1");
        send("other", "2");
        heard.awaitLines("ready FIRST", "jobs: 1");
        second.awaitLines("ready FIRST", "jobs: 1");
        other.awaitLines("ready FIRST", "other: 2");
    }

    @Test
    void twenty_channels_are_listened_to_at_once() throws SQLException {
        List<Heard> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Heard one = new Heard();
            all.add(one);
            manager.listen("channel " + i, one);
        }
        DB.query("SELECT count(pg_notify('channel ' || i, i::text)) FROM generate_series(0, 19) i");
        for (int i = 0; i < 20; i++) {
            all.get(i).awaitLines("ready FIRST", "channel " + i + ": " + i);
        }
    }

    @Test
    void a_message_of_a_lease_of_its_own_arrives_after_its_commit() throws SQLException {
        manager.listen("jobs", heard);
        manager.useTransaction(lease -> query(lease, "SELECT pg_notify('jobs', 'mine')"));
        heard.awaitLines("ready FIRST", "jobs: mine");
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    query(lease, "SELECT pg_notify('jobs', 'never')");
                    throw new IllegalStateException("no");
                }))
                .isInstanceOf(IllegalStateException.class);
        send("jobs", "last");
        heard.awaitLines("ready FIRST", "jobs: mine", "jobs: last");
    }

    // --- while somebody holds it --------------------------------------------------------------------------------

    @Test
    void a_message_comes_with_the_answer_to_a_statement_of_the_holders() throws SQLException {
        manager.listen("jobs", heard);
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            send("jobs", "1");
            query(lease, "SELECT 1");
            heard.awaitLines("ready FIRST", "jobs: 1");
        });
    }

    @Test
    void a_message_during_a_transaction_comes_after_it() throws SQLException {
        manager.listen("jobs", heard);
        manager.useTransaction(lease -> {
            query(lease, "SELECT 1");
            send("jobs", "1");
            query(lease, "SELECT 1");
            assertThat(heard.lines()).doesNotContain("jobs: 1");
        });
        heard.awaitLines("ready FIRST", "jobs: 1");
    }

    @Test
    void messages_arrive_while_many_threads_lease_without_a_pause() throws Exception {
        manager.listen("jobs", heard);
        CountDownLatch done = new CountDownLatch(1);
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Elsewhere.run(() -> {
                while (done.getCount() > 0) {
                    manager.useTransaction(lease -> query(lease, "SELECT 1"));
                }
            }));
        }
        for (int i = 0; i < 50; i++) {
            send("jobs", "" + i);
        }
        heard.awaitLast("jobs: 49");
        done.countDown();
        for (CompletableFuture<Void> thread : threads) {
            thread.get(20, TimeUnit.SECONDS);
        }
        assertThat(heard.lines())
                .containsExactlyElementsOf(Stream.concat(
                                Stream.of("ready FIRST"), IntStream.range(0, 50).mapToObj(i -> "jobs: " + i))
                        .toList());
    }

    @Test
    void what_a_lease_listens_to_is_its_own_and_no_subscribers() throws SQLException {
        manager.listen("jobs", heard);
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            execute(lease, "LISTEN mine");
            send("jobs", "ours");
            send("mine", "his");
            PGConnection postgres = lease.unwrap(PGConnection.class);
            List<String> his = new ArrayList<>();
            Awaitility.await().until(() -> {
                his.addAll(payloads(postgres.getNotifications(100)));
                return !his.isEmpty();
            });
            assertThat(his).containsExactly("his");
        });
        heard.awaitLines("ready FIRST", "jobs: ours");
        assertThat(listening()).isEqualTo("jobs");
    }

    @Test
    void a_lease_that_listens_to_the_same_channel_hears_it_too() throws SQLException {
        manager.listen("jobs", heard);
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            execute(lease, "BEGIN; COMMIT; LISTEN Jobs");
            send("jobs", "both");
            query(lease, "SELECT 1");
            assertThat(payloads(lease.unwrap(PGConnection.class).getNotifications()))
                    .containsExactly("both");
        });
        heard.awaitLines("ready FIRST", "jobs: both");
        assertThat(listening()).isEqualTo("jobs");
    }

    @Test
    void a_lease_hears_nothing_of_what_only_others_listen_to() throws SQLException {
        manager.listen("jobs", heard);
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            send("jobs", "ours");
            assertThat(lease.unwrap(PGConnection.class).getNotifications(200)).isEmpty();
            heard.awaitLines("ready FIRST", "jobs: ours");
        });
    }

    @Test
    void what_the_hook_listens_to_is_kept_for_a_lease_though_the_manager_reads() throws SQLException {
        ManagedConnection hooked = DB.closing(
                DB.builder().onOpen(lease -> execute(lease, "LISTEN hooked")).build());
        hooked.listen("jobs", heard);
        send("hooked", "1");
        send("jobs", "2");
        heard.awaitLast("jobs: 2");
        hooked.useConnection(
                lease -> assertThat(payloads(lease.unwrap(PGConnection.class).getNotifications()))
                        .containsExactly("1"));
    }

    @Test
    void a_call_ends_though_another_thread_has_a_statement_under_way_on_the_lease() throws Exception {
        manager.listen("jobs", heard);
        try (Lease lease = manager.acquire();
                Statement statement = lease.createStatement();
                ResultSet rows = statement.executeQuery("SELECT pg_backend_pid() FROM generate_series(1, 3)")) {
            rows.next();
            int pid = rows.getInt(1);
            CompletableFuture<Void> asleep = Elsewhere.run(() -> execute(lease, "SELECT pg_sleep(60)"));
            DB.awaitSleep(pid);
            assertThat(Elsewhere.call(rows::next).get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(asleep).isNotDone();
            DB.query("SELECT pg_cancel_backend(" + pid + ")");
            assertThat(asleep).failsWithin(Duration.ofSeconds(20));
            lease.rollback();
        }
    }

    // --- acquirers ----------------------------------------------------------------------------------------------

    @Test
    void an_acquirer_that_does_not_wait_gets_the_lease_though_messages_are_read_all_the_time() throws Exception {
        manager.listen("jobs", heard);
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<Void> sender = Elsewhere.run(() -> {
            while (done.getCount() > 0) {
                DB.query("SELECT count(pg_notify('jobs', i::text)) FROM generate_series(1, 10) i");
            }
        });
        try {
            for (int i = 0; i < 500; i++) {
                manager.tryAcquire().orElseThrow().close();
                manager.acquire(Duration.ZERO).close();
            }
        } finally {
            done.countDown();
            sender.get(20, TimeUnit.SECONDS);
        }
    }

    /** A reset takes such turns one after the other. */
    @Test
    void an_acquirer_that_does_not_wait_gets_the_lease_however_fast_turns_without_a_lease_follow_one_another()
            throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Void> resetting = Elsewhere.run(() -> {
            while (!over.get()) {
                manager.reset();
            }
        });
        try {
            for (int i = 0; i < 50; i++) {
                manager.tryAcquire().orElseThrow().close();
                manager.acquire(Duration.ZERO).close();
            }
        } finally {
            over.set(true);
            resetting.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void the_listening_thread_takes_no_place_in_a_queue_without_places() throws SQLException {
        ManagedConnection narrow = DB.closing(DB.builder().maxWaiting(0).build());
        narrow.listen("jobs", heard);
        for (int i = 0; i < 100; i++) {
            send("jobs", "" + i);
            narrow.acquire().close();
        }
        heard.awaitLast("jobs: 99");
    }

    // --- the ends -----------------------------------------------------------------------------------------------

    @Test
    void a_closed_subscription_hears_nothing_more_and_the_server_learns_of_it() throws SQLException {
        Heard other = new Heard();
        Subscription jobs = manager.listen("jobs", heard);
        manager.listen("other", other);
        jobs.close();
        jobs.close();
        send("jobs", "1");
        send("other", "2");
        other.awaitLast("other: 2");
        assertThat(heard.lines()).doesNotContain("jobs: 1");
        assertThat(listening()).isEqualTo("other");
    }

    @Test
    void one_of_two_subscriptions_to_a_channel_can_be_closed() throws SQLException {
        Heard second = new Heard();
        manager.listen("jobs", heard).close();
        Subscription first = manager.listen("jobs", heard);
        manager.listen("jobs", second);
        first.close();
        send("jobs", "1");
        second.awaitLines("ready FIRST", "jobs: 1");
    }

    @Test
    void no_thread_is_left_when_the_last_subscription_is_closed() throws SQLException {
        manager.listen("jobs", heard).close();
        Awaitility.await()
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("pgmanaged listening")
                                || thread.getName().equals("pgmanaged listener")));
        assertThat(manager.isOpen()).isTrue();
        assertThat(listening()).isNull();
    }

    @Test
    void closing_waits_for_a_listener_that_is_being_called() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        Subscription jobs = manager.listen("jobs", message -> {
            called.countDown();
            go.await();
            order.add("listener");
        });
        send("jobs", "1");
        called.await();
        CompletableFuture<Void> closing = Elsewhere.run(() -> {
            jobs.close();
            order.add("closed");
        });
        Awaitility.await()
                .until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.listen.ListenerQueue", "awaitRest"));
        go.countDown();
        closing.get(20, TimeUnit.SECONDS);
        assertThat(order).containsExactly("listener", "closed");
    }

    @Test
    void a_listener_may_close_its_subscription_and_the_manager() throws Exception {
        CompletableFuture<Subscription> subscription = new CompletableFuture<>();
        CountDownLatch closed = new CountDownLatch(1);
        subscription.complete(manager.listen("jobs", message -> {
            subscription.get().close();
            manager.close();
            closed.countDown();
        }));
        send("jobs", "1");
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closing_does_not_wait_for_a_listener_for_longer_than_the_release_timeout() throws Exception {
        ManagedConnection hasty =
                DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(100)).build());
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        hasty.listen("jobs", message -> {
            called.countDown();
            go.await();
        });
        send("jobs", "1");
        called.await();
        hasty.close();
        go.countDown();
    }

    @Test
    void a_closed_manager_listens_to_nothing() {
        manager.close();
        assertThatThrownBy(() -> manager.listen("jobs", heard))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08003"));
    }

    // --- listeners ----------------------------------------------------------------------------------------------

    @Test
    void a_listener_may_use_the_manager() throws SQLException {
        CompletableFuture<String> answer = new CompletableFuture<>();
        manager.listen(
                "jobs",
                message -> answer.complete(manager.<String, SQLException>inTransaction(
                        lease -> query(lease, "SELECT 'done ' || '" + message.payload() + "'"))));
        send("jobs", "1");
        assertThat(answer.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo("done 1");
    }

    @Test
    void a_listener_that_throws_goes_on() throws SQLException {
        manager.listen("jobs", message -> {
            heard.onNotification(message);
            throw new IllegalStateException("on purpose");
        });
        send("jobs", "1");
        send("jobs", "2");
        heard.awaitLines("jobs: 1", "jobs: 2");
    }

    @Test
    void a_listener_is_called_on_the_executor_that_is_given() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(4, task -> {
            Thread thread = new Thread(task, "of the test");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletableFuture<String> name = new CompletableFuture<>();
            manager.listen(
                    "jobs", message -> name.complete(Thread.currentThread().getName()), executor);
            send("jobs", "1");
            assertThat(name.get(20, TimeUnit.SECONDS)).isEqualTo("of the test");
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void a_listener_whose_executor_refuses_once_is_called_later() throws SQLException {
        List<Runnable> refused = Collections.synchronizedList(new ArrayList<>());
        manager.listen("jobs", heard, task -> {
            if (refused.isEmpty()) {
                refused.add(task);
                throw new RejectedExecutionException("full");
            }
            task.run();
        });
        heard.awaitLines("ready FIRST");
        send("jobs", "1");
        heard.awaitLines("ready FIRST", "jobs: 1");
    }

    @Test
    void one_subscription_is_called_by_one_thread_at_a_time_whatever_its_executor_has() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            manager.listen(
                    "jobs",
                    message -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        heard.onNotification(message);
                        inside.decrementAndGet();
                    },
                    executor);
            DB.query("SELECT count(pg_notify('jobs', i::text)) FROM generate_series(1, 2000) i");
            heard.awaitLast("jobs: 2000");
            assertThat(most).hasValue(1);
            assertThat(heard.notifications()).hasSize(2000);
        } finally {
            executor.shutdown();
        }
    }

    // --- what cannot be -----------------------------------------------------------------------------------------

    @Test
    void a_name_is_taken_exactly_as_it_is() throws SQLException {
        String odd = "Jobs \"of\" today; DROP TABLE example --";
        manager.listen(odd, heard);
        DB.query("SELECT pg_notify('" + odd + "', '1')");
        heard.awaitLines("ready FIRST", odd + ": 1");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_name_of_63_bytes_is_taken_whole_and_a_longer_one_refused() throws SQLException {
        String longest = "é".repeat(31) + "e";
        manager.listen(longest, heard);
        send(longest, "1");
        heard.awaitLines("ready FIRST", longest + ": 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manager.listen(longest + "e", heard))
                .withMessageContaining("channel")
                .withMessageContaining("64");
        assertThatIllegalArgumentException().isThrownBy(() -> manager.listen("", heard));
        assertThatIllegalArgumentException().isThrownBy(() -> manager.listen(null, heard));
        assertThatIllegalArgumentException().isThrownBy(() -> manager.listen("a\0b", heard));
        assertThatIllegalArgumentException().isThrownBy(() -> manager.listen("a", null));
        assertThatIllegalArgumentException().isThrownBy(() -> manager.listen("a", heard, null));
    }

    @Test
    void a_holder_cannot_begin_a_subscription_since_it_would_wait_for_itself() throws SQLException {
        manager.useConnection(lease ->
                assertThatThrownBy(() -> manager.listen("jobs", heard)).isInstanceOf(ReentrantAcquireException.class));
    }

    @Test
    void a_holder_may_end_one() throws SQLException {
        Subscription jobs = manager.listen("jobs", heard);
        manager.useConnection(lease -> jobs.close());
        Awaitility.await().untilAsserted(() -> assertThat(listening()).isNull());
    }

    @Test
    void the_listening_leaves_no_trace_in_what_is_counted_of_leases() throws SQLException {
        manager.listen("jobs", heard);
        send("jobs", "1");
        heard.awaitLast("jobs: 1");
        assertThat(manager.stats().leases()).isZero();
        assertThat(manager.waiters().count()).isZero();
        assertThat(manager.holder()).isEmpty();
    }
}
