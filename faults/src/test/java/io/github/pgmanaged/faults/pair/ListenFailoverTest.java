package io.github.pgmanaged.faults.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.listen.Book;
import io.github.pgmanaged.faults.listen.Sender;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import io.github.pgmanaged.faults.programs.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A standby has no notifications; a manager that listens to a primary goes to the next one, and tells the gap. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP})
class ListenFailoverTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final List<String> CHANNELS = List.of("one", "two");

    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    @BeforeEach
    void aPair() throws Exception {
        home = Home.make();
        first = PostgresServer.start(home, "first");
        first.execute(Sender.TABLE);
        second = PostgresServer.standbyOf(first, home, "second");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    @Test
    void a_standby_refuses_at_once_and_listens_after_its_promotion() throws Exception {
        ManagedConnection manager = home.closing(ManagedConnection.of(second.conninfo()));
        long begun = System.nanoTime();
        assertThatThrownBy(() -> manager.listen("one", message -> {}))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"))
                .hasMessageContaining("target_session_attrs=primary");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        manager.useTransaction(lease -> {
            Sql.execute(lease, "SELECT 1");
            assertThat(lease.getNetworkTimeout()).isZero();
        });
        assertThat(manager.stats().opened()).as("the session is kept").isEqualTo(1);

        first.kill();
        second.promote();
        CountDownLatch heard = new CountDownLatch(1);
        manager.listen("one", message -> heard.countDown());
        second.execute("NOTIFY one");
        assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_listener_of_a_primary_that_dies_hears_the_next_one_after_a_gap_that_is_told() throws Exception {
        // Only now: the standby's copy of the settings must not make it wait for a standby of its own.
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        Awaitility.await()
                .atMost(LONG)
                .until(() -> first.ask("SELECT sync_state FROM pg_stat_replication"), "sync"::equals);
        String writable = PostgresServer.writableOf(first, second);
        ManagedConnection manager = home.closing(ManagedConnection.of(writable));
        LibpqDataSource direct = new LibpqDataSource(writable);
        Sender sender = home.closing(new Sender(direct, CHANNELS));
        List<Book> books = CHANNELS.stream()
                .map(channel -> new Book("manager", channel, manager.asDataSource(), direct))
                .toList();
        for (Book book : books) {
            manager.listen(book.channel(), book);
        }
        Awaitility.await().atMost(LONG).until(() -> books.stream().allMatch(book -> book.heard() > 20));

        first.kill();
        Awaitility.await("the gap is told before there is another primary")
                .until(() -> books.stream().allMatch(book -> book.gaps() == 1));
        second.promote();
        List<Long> before = books.stream().map(Book::heard).toList();
        Awaitility.await()
                .atMost(LONG)
                .until(() -> books.stream().allMatch(book -> book.heard() > before.get(books.indexOf(book)) + 20));

        sender.finish();
        var truth = sender.truth();
        for (Book book : books) {
            List<Long> committed = truth.get(book.channel());
            Awaitility.await().atMost(LONG).until(() -> book.knows(committed.get(committed.size() - 1)));
            assertThat(book.untruths(committed)).isEmpty();
            assertThat(book.gaps()).isEqualTo(1);
        }
    }
}
