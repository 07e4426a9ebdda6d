package io.github.pgmanaged.faults.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Sql;
import io.github.pgmanaged.faults.proxy.FaultProxy;
import io.github.pgmanaged.faults.proxy.Trouble;
import io.github.pgmanaged.testing.TestCertificate;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** In whatever way a manager is connected, messages arrive, a loss is told, and leases are not disturbed. */
@Timeout(90)
class ListenWaysTest {
    private static final List<String> CHANNELS = List.of("jobs");

    /** Longer than a busy machine may stand still: a session that a bound ends for that is no fault. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static Home servers;
    private static PostgresServer server;
    private static TestCertificate certificate;
    private Home home;

    /** How a manager is connected. */
    enum Way {
        TCP {
            @Override
            ManagedConnection.Builder builder(Home home) {
                return ManagedConnection.builder(server.conninfo());
            }
        },
        UNIX_SOCKET {
            @Override
            ManagedConnection.Builder builder(Home home) {
                return ManagedConnection.builder(
                        "host=" + servers.path("") + " port=" + server.port() + " user=postgres dbname=postgres");
            }
        },
        TLS {
            @Override
            ManagedConnection.Builder builder(Home home) throws Exception {
                return ManagedConnection.builder(
                        home.closing(new FaultProxy(server.port(), certificate)).conninfo("postgres", "postgres"));
            }
        },
        JDBC_URL {
            @Override
            ManagedConnection.Builder builder(Home home) {
                return ManagedConnection.builder(
                        "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=postgres&sslmode=disable");
            }
        },
        FOREIGN_DATA_SOURCE {
            @Override
            ManagedConnection.Builder builder(Home home) {
                PGSimpleDataSource source = new PGSimpleDataSource();
                source.setServerNames(new String[] {"127.0.0.1"});
                source.setPortNumbers(new int[] {server.port()});
                source.setUser("postgres");
                source.setDatabaseName("postgres");
                source.setSslMode("disable");
                return ManagedConnection.builder(source);
            }
        };

        abstract ManagedConnection.Builder builder(Home home) throws Exception;
    }

    @BeforeAll
    static void aServer() throws Exception {
        servers = Home.make();
        server = PostgresServer.embedded(servers, "server", "unix_socket_directories = '" + servers.path("") + "'");
        certificate = TestCertificate.make(servers.path(""));
    }

    @AfterAll
    static void noServer() throws Exception {
        servers.close();
    }

    @BeforeEach
    void anEmptyTable() throws Exception {
        home = Home.make();
        server.execute("DROP TABLE IF EXISTS said", Sender.TABLE);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    private static void awaitMore(Book book) {
        long before = book.heard();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> book.heard() >= before + 30);
    }

    private static void end(Sender sender, Book book, int gaps) throws Exception {
        sender.finish();
        List<Long> truth = sender.truth().get("jobs");
        Awaitility.await().until(() -> book.knows(truth.get(truth.size() - 1)));
        assertThat(book.untruths(truth)).isEmpty();
        assertThat(book.gaps()).isEqualTo(gaps);
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS", "FOREIGN_DATA_SOURCE"})
    void messages_arrive_a_loss_is_told_and_leases_are_not_disturbed(Way way) throws Exception {
        listen(way);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TLS", "FOREIGN_DATA_SOURCE"})
    void so_it_is_in_every_other_way(Way way) throws Exception {
        listen(way);
    }

    private void listen(Way way) throws Exception {
        ManagedConnection manager =
                home.closing(way.builder(home).releaseTimeout(PATIENCE).build());
        LibpqDataSource direct = new LibpqDataSource(server.conninfo());
        Book book = new Book(way.toString(), "jobs", direct, direct);
        manager.listen("jobs", book);
        Sender sender = home.closing(new Sender(direct, CHANNELS));
        awaitMore(book);
        for (int i = 0; i < 50; i++) {
            String number = Integer.toString(i);
            assertThat(manager.<String, SQLException>inTransaction(lease -> Sql.ask(lease, "SELECT " + number)))
                    .isEqualTo(number);
        }
        awaitMore(book);
        assertThat(manager.stats().opened()).as("losses: %s", book.losses()).isEqualTo(1);

        int pid = manager.<Integer, SQLException>inTransaction(Sql::pid);
        server.execute("SELECT pg_terminate_backend(" + pid + ")");
        Awaitility.await().until(() -> book.gaps() == 1);
        awaitMore(book);
        end(sender, book, 1);
    }

    /** What TLS has read of a record and not yet handed on is seen neither on the socket nor by the driver. */
    @Test
    void messages_that_come_byte_by_byte_over_tls_arrive_and_cost_no_session() throws Exception {
        receiveByteByByte(certificate);
    }

    @Tag("long")
    @Test
    void messages_that_come_byte_by_byte_arrive_and_cost_no_session() throws Exception {
        receiveByteByByte(null);
    }

    private void receiveByteByByte(TestCertificate tls) throws Exception {
        FaultProxy proxy = home.closing(new FaultProxy(server.port(), tls));
        ManagedConnection manager = home.closing(ManagedConnection.builder(proxy.conninfo("postgres", "postgres"))
                .releaseTimeout(PATIENCE)
                .build());
        LibpqDataSource direct = new LibpqDataSource(server.conninfo());
        Book book = new Book("dripping", "jobs", direct, direct);
        manager.listen("jobs", book);
        proxy.strike(Trouble.DRIP);
        for (int i = 0; i < 3; i++) {
            long before = book.heard();
            server.execute("WITH one AS (INSERT INTO said SELECT coalesce(max(number), 0) + 1, 'jobs' FROM said"
                    + " RETURNING number) SELECT pg_notify('jobs', number::text) FROM one");
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> book.heard() == before + 1);
            manager.useTransaction(lease -> Sql.execute(lease, "SELECT 1"));
        }
        assertThat(book.untruths(List.of(1L, 2L, 3L))).isEmpty();
        assertThat(book.gaps()).isZero();
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void a_line_that_stalls_is_a_gap_that_a_lease_finds() throws Exception {
        FaultProxy proxy = home.closing(new FaultProxy(server.port(), certificate));
        ManagedConnection manager = home.closing(ManagedConnection.builder(proxy.conninfo("postgres", "postgres"))
                .releaseTimeout(PATIENCE)
                .leaseIdleTimeout(Duration.ofSeconds(1))
                .build());
        LibpqDataSource direct = new LibpqDataSource(server.conninfo());
        Book book = new Book("stalled", "jobs", direct, direct);
        manager.listen("jobs", book);
        Sender sender = home.closing(new Sender(direct, CHANNELS));
        awaitMore(book);
        proxy.strike(Trouble.STALL);
        try (var lease = manager.acquire()) {
            lease.setNetworkTimeout(Runnable::run, 300);
            Sql.execute(lease, "SELECT 1");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).startsWith("08");
        }
        Awaitility.await().until(() -> book.gaps() == 1);
        awaitMore(book);
        end(sender, book, 1);
    }
}
