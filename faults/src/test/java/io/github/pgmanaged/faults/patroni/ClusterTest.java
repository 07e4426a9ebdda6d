package io.github.pgmanaged.faults.patroni;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.faults.failover.Books;
import io.github.pgmanaged.faults.failover.Writers;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.Program;
import io.github.pgmanaged.faults.programs.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pair that Patroni runs is failed over in every way; `make cluster`. */
@Tag("cluster")
@Timeout(600)
@Needs({Program.POSTGRES, Program.ETCD, Program.PATRONI, Program.PATRONICTL})
class ClusterTest {
    private static final int THREADS = 6;
    private static final Duration LONG = Duration.ofMinutes(2);

    /** What happens to a cluster. */
    private enum Event {
        SWITCHOVER("`patronictl switchover`") {
            @Override
            void happen(Member leader, Member other) throws Exception {
                leader.control("switchover", "--leader", leader.name(), "--candidate", other.name(), "--force");
            }
        },
        FAILOVER("`patronictl failover`") {
            @Override
            void happen(Member leader, Member other) throws Exception {
                leader.control("failover", "--candidate", other.name(), "--force");
            }
        },
        KILL("SIGKILL of the primary's Patroni and PostgreSQL") {
            @Override
            void happen(Member leader, Member other) throws Exception {
                leader.kill();
            }

            @Override
            void afterwards(Member leader) throws Exception {
                leader.start();
            }
        },
        FREEZE("SIGSTOP of the primary's Patroni and PostgreSQL") {
            @Override
            void happen(Member leader, Member other) throws Exception {
                leader.signal("STOP");
            }

            @Override
            void afterwards(Member leader) throws Exception {
                leader.signal("CONT");
            }
        },
        KILL_POSTGRES("SIGKILL of the primary's PostgreSQL; Patroni starts it again") {
            @Override
            void happen(Member leader, Member other) throws Exception {
                leader.killPostgres();
            }

            @Override
            boolean moves() {
                return false;
            }
        };

        private final String name;

        Event(String name) {
            this.name = name;
        }

        abstract void happen(Member leader, Member other) throws Exception;

        /** Makes a member of the old leader again. */
        void afterwards(Member leader) throws Exception {}

        /** Whether the other one leads after it. */
        boolean moves() {
            return true;
        }
    }

    private Home home;
    private Member north;
    private Member south;

    @BeforeEach
    void aPair() throws Exception {
        home = Home.make();
        Etcd etcd = Etcd.start(home);
        // Not "first": PostgreSQL would take that for a keyword of synchronous_standby_names.
        north = Member.start(home, "north", etcd);
        south = Member.start(home, "south", etcd);
        awaitBoth();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    private String conninfo(String attrs) {
        return "host=127.0.0.1,127.0.0.1 port=" + north.port() + ',' + south.port()
                + " user=postgres dbname=postgres sslmode=disable connect_timeout=5 target_session_attrs=" + attrs;
    }

    private Connection primary() throws SQLException {
        return new LibpqDataSource(conninfo("primary")).getConnection();
    }

    /** Until there is a primary with a synchronous standby, and Patroni knows. */
    private void awaitBoth() {
        Awaitility.await("a pair")
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> {
                    String members = north.control("list");
                    return members.contains("Leader") && members.contains("Sync Standby");
                });
    }

    @Test
    void threads_write_on_after_whatever_happens_and_nothing_acknowledged_is_lost() throws Exception {
        ClusterPage page = new ClusterPage(home, THREADS);
        for (Event event : Event.values()) {
            write(page, event);
        }
        page.write();
    }

    private void write(ClusterPage page, Event event) throws Exception {
        boolean northLeads;
        try (Connection connection = primary()) {
            northLeads = Sql.ask(connection, "SELECT inet_server_port()").equals(Integer.toString(north.port()));
            Sql.execute(connection, "DROP TABLE IF EXISTS written");
            Sql.execute(connection, Writers.TABLE);
        }
        Member leader = northLeads ? north : south;
        Member other = northLeads ? south : north;
        Member next = event.moves() ? other : leader;
        try (ManagedConnection manager = ManagedConnection.builder(conninfo("read-write"))
                        .verifyCommits(true)
                        .maxLease(ClusterPage.MAX_LEASE)
                        .build();
                Writers writers = new Writers(manager, THREADS)) {
            writers.awaitProgress(LONG);
            long begun = System.nanoTime();
            event.happen(leader, other);
            long happened = event.moves() ? begun : System.nanoTime(); // the same server may have answered meanwhile
            Awaitility.await("commits after " + event.name)
                    .atMost(LONG)
                    .until(() -> writers.firstAfter(next.port(), happened).isPresent());
            long working = writers.firstAfter(next.port(), happened).orElseThrow();
            writers.awaitProgress(LONG);
            event.afterwards(leader);
            awaitBoth();
            writers.awaitProgress(LONG);
            writers.stop();
            assertThat(writers.lastServer()).isEqualTo(next.port());
            try (Connection connection = primary()) {
                Books.balance(writers, connection);
            }
            page.add(event.name, Duration.ofNanos(working - begun), writers);
        }
    }
}
