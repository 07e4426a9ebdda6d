package io.github.pgmanaged.faults.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Under faults and leases of all kinds each number of a stream is heard, or lies in a gap that was told. The soak has
 * the long runs, with other faults.
 */
@Timeout(240)
class ListenUnderFaultsTest {
    private static final List<String> CHANNELS = List.of("one", "Two", "th\"ree");
    private static final Duration AFTER_THE_LAST_FAULT = Duration.ofSeconds(30);

    private final long seed = Long.getLong("pgmanaged.seed", 1);
    private final SplittableRandom random = new SplittableRandom(seed);
    private Home home;
    private PostgresServer server;
    private FaultProxy proxy;
    private ExecutorService executor;
    private final List<Book> books = new ArrayList<>();

    @BeforeEach
    void aServerBehindAProxy() throws Exception {
        home = Home.make();
        server = PostgresServer.embedded(home, "server");
        server.execute(Sender.TABLE);
        proxy = home.closing(new FaultProxy(server.port()));
        executor = Executors.newFixedThreadPool(3);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
        executor.shutdown();
    }

    private LibpqDataSource source(String application) {
        return new LibpqDataSource(server.conninfo() + " connect_timeout=10 application_name=" + application);
    }

    private ManagedConnection manager(SessionReset reset) {
        return home.closing(ManagedConnection.builder(proxy.conninfo("postgres", "postgres")
                        + " connect_timeout=3 application_name=" + Mishap.MANAGERS)
                .sessionReset(reset)
                .releaseTimeout(Duration.ofSeconds(1))
                .build());
    }

    private void listen(ManagedConnection manager, String owner, boolean onExecutor) throws Exception {
        for (String channel : CHANNELS) {
            Book book = new Book(owner, channel, manager.asDataSource(), source("backlog"));
            books.add(book);
            NotificationListener listener = book;
            if (onExecutor) {
                manager.listen(channel, listener, executor);
            } else {
                manager.listen(channel, listener);
            }
        }
    }

    @Test
    void each_number_is_heard_or_lies_in_a_gap_that_was_told() throws Exception {
        ManagedConnection plain = manager(SessionReset.VISIBLE);
        ManagedConnection full = manager(SessionReset.FULL);
        Sender sender = home.closing(new Sender(source("sender"), CHANNELS));
        listen(plain, "plain", false);
        listen(full, "full", true);
        List<Tenant> tenants = List.of(
                home.closing(new Tenant(plain, CHANNELS, random.nextLong())),
                home.closing(new Tenant(full, CHANNELS, random.nextLong())));

        List<Mishap> mishaps = new ArrayList<>(List.of(Mishap.values()));
        Collections.shuffle(mishaps, new Random(random.nextLong()));
        for (Mishap mishap : mishaps) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(500)));
            mishap.happen(server, proxy, random);
        }
        for (Tenant tenant : tenants) {
            tenant.close();
        }
        sender.finish();
        Map<String, List<Long>> truth = sender.truth();
        awaitNoUntruths(truth);

        for (Book book : books) {
            assertThat(book.gaps()).as(told()).isPositive();
            assertThat(book.heard()).as(told()).isPositive();
        }
        for (Tenant tenant : tenants) {
            assertThat(tenant.strange()).as(told()).isEmpty();
            assertThat(tenant.leases()).as(told()).isPositive();
        }
    }

    /**
     * An untruth stays one; what is only not known yet comes, be it after one more gap, on a machine that stands still
     * for longer than a session may.
     */
    private void awaitNoUntruths(Map<String, List<Long>> truth) {
        for (Book book : books) {
            Awaitility.await()
                    .atMost(AFTER_THE_LAST_FAULT)
                    .untilAsserted(() -> assertThat(book.untruths(truth.get(book.channel())))
                            .as(told())
                            .isEmpty());
        }
    }

    private String told() {
        return "-Dpgmanaged.seed=" + seed + ", "
                + books.stream().mapToLong(Book::heard).sum() + " heard, "
                + books.stream().mapToLong(Book::gaps).sum() + " gaps";
    }
}
