package io.github.pgmanaged.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Heard;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.Subscription;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that says nothing may be there and listen, or not. */
@Timeout(60)
class ListenSilenceTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final Heard heard = new Heard();

    /** A server that answers has more time for it than a machine stands still. */
    private Leasing leasing(DataSource source, Duration silence) {
        return leasing(source, silence, Duration.ofSeconds(20));
    }

    private Leasing leasing(DataSource source, Duration silence, Duration answer) {
        Options.Draft draft = new Options.Draft("a test", source);
        draft.listenSilence = silence;
        draft.releaseTimeout = answer;
        Leasing leasing = new Leasing(new Options(draft));
        DB.closing((AutoCloseable) leasing::close);
        return leasing;
    }

    @Test
    void a_line_that_is_dead_is_found_without_traffic() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        Leasing leasing = leasing(proxy.source(), Duration.ofMillis(300), Duration.ofMillis(1500));
        leasing.listen("jobs", heard, null);
        heard.awaitLines("ready FIRST");
        proxy.goDeaf();
        Awaitility.await().untilAsserted(() -> assertThat(heard.lines()).contains("lost"));
    }

    @Test
    void a_line_that_is_dead_is_found_in_a_pause_after_the_channels_have_changed() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        Leasing leasing = leasing(proxy.source(), Duration.ofMillis(300), Duration.ofMillis(1500));
        Subscription news = leasing.listen("news", new Heard(), null);
        leasing.listen("jobs", heard, null);
        try (var lease = leasing.acquire(Duration.ofSeconds(10), true)) {
            leasing.pause();
            news.close();
            assertThat(lease.isClosed()).isFalse();
        }
        DB.query("SELECT pg_notify('jobs', '1')");
        heard.awaitLines("ready FIRST", "jobs: 1");
        proxy.goDeaf();
        heard.awaitLines("ready FIRST", "jobs: 1", "lost");
    }

    @Test
    void a_question_on_a_frozen_line_leaves_those_who_acquire_the_time_to_open_another() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        Options.Draft draft = new Options.Draft("a test", proxy.source());
        draft.listenSilence = Duration.ofMillis(200);
        draft.validateAfterIdle = Duration.ZERO;
        draft.acquireTimeout = Duration.ofSeconds(8);
        draft.releaseTimeout = Duration.ofSeconds(60);
        Leasing leasing = new Leasing(new Options(draft));
        DB.closing((AutoCloseable) leasing::close);
        leasing.listen("jobs", heard, null);
        heard.awaitLines("ready FIRST");
        proxy.goDeaf();
        Awaitility.await()
                .until(() -> Thread.getAllStackTraces().values().stream()
                        .flatMap(Stream::of)
                        .anyMatch(frame -> frame.getClassName().endsWith(".Notifications")
                                && frame.getMethodName().equals("check")));
        leasing.acquire(draft.acquireTimeout, true).close();
        heard.awaitLines("ready FIRST", "lost", "ready REOPENED");
    }

    @Test
    void a_function_that_ended_the_listening_is_found_out() throws Exception {
        DB.update("CREATE OR REPLACE FUNCTION deaf() RETURNS void LANGUAGE plpgsql AS 'BEGIN UNLISTEN *; END'");
        Leasing leasing = leasing(DB.source(), Duration.ofMillis(300));
        leasing.listen("jobs", heard, null);
        try (var lease = leasing.acquire(Duration.ofSeconds(10), true);
                var statement = lease.createStatement()) {
            statement.execute("SELECT deaf()");
        }
        heard.awaitLines("ready FIRST", "lost", "ready REOPENED");
        DB.query("SELECT pg_notify('jobs', '1')");
        heard.awaitLast("jobs: 1");
    }

    @Test
    void the_question_after_a_lease_without_autocommit_leaves_no_transaction_open() throws Exception {
        Leasing leasing = leasing(DB.source(), Duration.ofMillis(50));
        leasing.listen("jobs", heard, null);
        try (var lease = leasing.acquire(Duration.ofSeconds(10), false);
                var statement = lease.createStatement()) {
            statement.execute("SELECT 1");
            lease.commit();
        }
        awaitQuestion();
        DB.query("SELECT pg_notify('jobs', '1')");
        heard.awaitLines("ready FIRST", "jobs: 1");
    }

    @Test
    void it_is_found_out_though_leases_follow_one_another_without_a_pause() throws Exception {
        DB.update("CREATE OR REPLACE FUNCTION deaf() RETURNS void LANGUAGE plpgsql AS 'BEGIN UNLISTEN *; END'");
        Leasing leasing = leasing(DB.source(), Duration.ofMillis(300));
        leasing.listen("jobs", heard, null);
        CountDownLatch done = new CountDownLatch(1);
        List<CompletableFuture<Void>> busy = new ArrayList<>();
        for (String sql : List.of("SELECT 1", "SELECT 2", "SELECT 3")) {
            busy.add(Elsewhere.run(() -> {
                while (done.getCount() > 0) {
                    execute(leasing, sql);
                }
            }));
        }
        execute(leasing, "SELECT deaf()");
        heard.awaitLines("ready FIRST", "lost", "ready REOPENED");
        done.countDown();
        for (CompletableFuture<Void> one : busy) {
            one.get(20, TimeUnit.SECONDS);
        }
    }

    private static void execute(Leasing leasing, String sql) throws SQLException {
        try (var lease = leasing.acquire(Duration.ofSeconds(20), true);
                var statement = lease.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void a_server_that_is_only_silent_is_kept() throws SQLException {
        Leasing leasing = leasing(DB.source(), Duration.ofMillis(20));
        leasing.listen("jobs", heard, null);
        awaitQuestion();
        DB.query("SELECT pg_notify('jobs', '1')");
        heard.awaitLines("ready FIRST", "jobs: 1");
    }

    /** Each is a transaction of the session's, which the server shows. */
    private static void awaitQuestion() {
        Awaitility.await()
                .until(() -> DB.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_listening_channels%'"
                                + " AND datname = current_database() AND pid <> pg_backend_pid()")
                        .equals("1"));
    }
}
