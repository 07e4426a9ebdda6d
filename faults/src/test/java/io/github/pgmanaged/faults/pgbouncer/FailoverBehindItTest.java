package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.failover.Books;
import io.github.pgmanaged.faults.failover.Writers;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/** A failover behind PgBouncer. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP, Program.PSQL, Program.PGBOUNCER})
class FailoverBehindItTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    @BeforeEach
    void aPair() throws Exception {
        home = Home.make();
        first = PostgresServer.start(home, "first");
        first.execute(Writers.TABLE);
        second = PostgresServer.standbyOf(first, home, "second");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    @ParameterizedTest
    @EnumSource
    void writing_goes_on_when_pgbouncer_is_pointed_to_the_new_primary(PgBouncer.Mode mode) throws Exception {
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        Awaitility.await()
                .atMost(LONG)
                .until(() -> first.ask("SELECT sync_state FROM pg_stat_replication"), "sync"::equals);
        PgBouncer bouncer = PgBouncer.start(home, first, mode, "server_login_retry = 1");
        try (ManagedConnection manager = ManagedConnection.builder(bouncer.conninfo())
                        .onOpen(session -> session.unwrap(PGConnection.class).setPrepareThreshold(0))
                        .build();
                Writers writers = new Writers(manager, 4)) {
            writers.awaitProgress(LONG);
            first.kill();
            second.promote();
            bouncer.pointTo(second);
            writers.awaitProgress(LONG);
            writers.stop();
            assertThat(writers.lastServer()).isEqualTo(second.port());
            try (Connection connection = second.connect()) {
                Books.balance(writers, connection);
            }
        }
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void pgbouncer_repeats_what_a_server_said_of_itself_before_it_was_promoted(PgBouncer.Mode mode) throws Exception {
        PgBouncer bouncer = PgBouncer.start(home, second, mode);
        ManagedConnection any = home.closing(ManagedConnection.of(bouncer.conninfo()));
        any.acquire().close();
        first.kill();
        second.promote();

        String writable = bouncer.conninfo() + " target_session_attrs=read-write";
        try (ManagedConnection manager = ManagedConnection.of(writable)) {
            assertThatThrownBy(manager::acquire).hasMessageContaining("session is read-only");
        }
        bouncer.tell("RECONNECT");
        any.reset();
        any.acquire().close();
        try (ManagedConnection manager = ManagedConnection.of(writable)) {
            assertThat(manager.<String, SQLException>inTransaction(lease -> ask(lease, "SHOW transaction_read_only")))
                    .isEqualTo("off");
        }
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void a_pgbouncer_whose_server_is_dead_keeps_clients_from_trying_the_next(PgBouncer.Mode mode) throws Exception {
        PgBouncer one = PgBouncer.start(home, first, mode);
        PgBouncer two = PgBouncer.start(home, second, mode);
        ManagedConnection both = home.closing(ManagedConnection.builder("host=127.0.0.1,127.0.0.1 port=" + one.port()
                        + ',' + two.port() + " user=postgres dbname=postgres target_session_attrs=read-write")
                .validateAfterIdle(Duration.ZERO)
                .acquireTimeout(Duration.ofSeconds(2))
                .build());
        both.acquire().close();
        first.kill();
        second.promote();
        try (ManagedConnection manager = ManagedConnection.of(two.conninfo() + " target_session_attrs=read-write")) {
            manager.acquire().close();
        }
        assertThatThrownBy(both::acquire).isInstanceOf(AcquireTimeoutException.class);
    }
}
