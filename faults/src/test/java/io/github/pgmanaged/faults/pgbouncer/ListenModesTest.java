package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static io.github.pgmanaged.faults.programs.Sql.execute;
import static io.github.pgmanaged.faults.programs.Sql.pid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.listen.Book;
import io.github.pgmanaged.faults.listen.Sender;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Listening through PgBouncer: in transaction mode it is refused, in session mode it works. */
class ListenModesTest extends BehindPgBouncer {
    private static void assertRefused(ManagedConnection manager) {
        assertThatThrownBy(() -> manager.listen("jobs", message -> {}))
                .isInstanceOfSatisfying(
                        SQLFeatureNotSupportedException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo("0A000"))
                .hasMessageContaining("transaction mode")
                .hasMessageContaining("Nothing is listened to");
    }

    /** Asks as many of the server's connections as there may be, all at once, so that each is asked. */
    private static void assertNothingIsListenedTo(PgBouncer bouncer, int connections) throws Exception {
        LibpqDataSource source = new LibpqDataSource(bouncer.conninfo());
        try (var one = source.getConnection();
                var two = source.getConnection()) {
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            assertThat(ask(one, "SELECT count(*) FROM pg_listening_channels()")).isEqualTo("0");
            if (connections == 2) {
                assertThat(ask(two, "SELECT count(*) FROM pg_listening_channels()"))
                        .isEqualTo("0");
                assertThat(pid(one)).isNotEqualTo(pid(two));
            }
        }
    }

    @Test
    void in_transaction_mode_it_is_refused_and_leases_go_on() throws Exception {
        assertRefusedAndLeasesGoOn(2);
    }

    @Tag("long")
    @Test
    void in_transaction_mode_it_is_refused_where_there_is_one_connection_and_leases_go_on() throws Exception {
        assertRefusedAndLeasesGoOn(1);
    }

    private void assertRefusedAndLeasesGoOn(int connections) throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.TRANSACTION, "default_pool_size = " + connections);
        ManagedConnection manager = closing(builder(bouncer).build());
        assertRefused(manager);
        manager.useTransaction(lease -> execute(lease, "INSERT INTO example VALUES ('a')"));
        assertThat(rows()).isEqualTo("1");
        assertThat(manager.stats().opened()).isEqualTo(1);
        assertNothingIsListenedTo(bouncer, connections);
        assertRefused(manager);
    }

    @Tag("long")
    @Test
    void in_transaction_mode_it_is_refused_while_another_is_active_and_nothing_is_left() throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.TRANSACTION, "default_pool_size = 2");
        ManagedConnection manager = closing(builder(bouncer).build());
        ManagedConnection other = closing(builder(bouncer).build());
        CountDownLatch done = new CountDownLatch(1);
        CompletableFuture<Void> active = Elsewhere.run(() -> {
            while (done.getCount() > 0) {
                other.useTransaction(lease -> execute(lease, "SELECT pg_sleep(0.003)"));
            }
        });
        try {
            assertRefused(manager);
        } finally {
            done.countDown();
        }
        active.get(20, TimeUnit.SECONDS);
        assertNothingIsListenedTo(bouncer, 2);
    }

    @Tag("long")
    @Test
    void in_transaction_mode_nothing_is_left_where_another_is_before_it_is_refused() throws Exception {
        PgBouncer bouncer = bouncer(PgBouncer.Mode.TRANSACTION, "default_pool_size = 2");
        ManagedConnection manager = closing(builder(bouncer).build());
        ManagedConnection other = closing(builder(bouncer).build());
        other.open();
        CompletableFuture<Void> refused = Elsewhere.run(() -> assertRefused(manager));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(2))
                .until(
                        () -> server.ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_notify%'"
                                + " AND pid <> pg_backend_pid()"),
                        count -> !count.equals("0"));
        try (Lease lease = other.acquire()) { // the connection used last comes first
            execute(lease, "SELECT pg_sleep(6)");
            lease.rollback();
        }
        refused.get(30, TimeUnit.SECONDS);
        assertNothingIsListenedTo(bouncer, 2);
    }

    @Test
    void in_session_mode_messages_arrive_and_a_restart_of_pgbouncer_is_a_gap() throws Exception {
        server.execute("DROP TABLE IF EXISTS said", Sender.TABLE);
        PgBouncer bouncer = bouncer(PgBouncer.Mode.SESSION);
        ManagedConnection manager = closing(ManagedConnection.of(bouncer.conninfo()));
        LibpqDataSource direct = new LibpqDataSource(server.conninfo());
        Sender sender = closing(new Sender(direct, List.of("jobs")));
        Book book = new Book("behind PgBouncer", "jobs", manager.asDataSource(), direct);
        manager.listen("jobs", book);
        Awaitility.await().until(() -> book.heard() > 20);

        bouncer.kill();
        Awaitility.await().until(() -> book.gaps() == 1);
        bouncer.start();
        long before = book.heard();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> book.heard() > before + 20);

        sender.finish();
        List<Long> truth = sender.truth().get("jobs");
        Awaitility.await().until(() -> book.knows(truth.get(truth.size() - 1)));
        assertThat(book.untruths(truth)).isEmpty();
        assertThat(book.gaps()).isEqualTo(1);
    }
}
