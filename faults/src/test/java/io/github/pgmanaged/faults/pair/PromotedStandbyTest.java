package io.github.pgmanaged.faults.pair;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A standby that has sessions is promoted, which ends none of them. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP, Program.PG_REWIND})
class PromotedStandbyTest {
    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    @BeforeEach
    void aPair() throws Exception {
        home = Home.make();
        first = PostgresServer.start(home, "first");
        second = PostgresServer.standbyOf(first, home, "second");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    private ManagedConnection manager(String attrs) {
        return home.closing(
                ManagedConnection.builder("host=127.0.0.1,127.0.0.1 port=" + first.port() + ',' + second.port()
                                + " user=postgres dbname=postgres sslmode=disable target_session_attrs=" + attrs)
                        .validateAfterIdle(Duration.ZERO)
                        .acquireTimeout(Duration.ofSeconds(30))
                        .build());
    }

    private static String server(ManagedConnection manager) throws SQLException {
        return manager.<String, SQLException>inTransaction(lease -> ask(lease, "SELECT inet_server_port()"));
    }

    @Test
    void a_session_for_which_a_standby_was_asked_moves_to_one() throws Exception {
        ManagedConnection standby = manager("standby");
        ManagedConnection preferStandby = manager("prefer-standby");
        ManagedConnection any = manager("any");
        assertThat(server(standby)).isEqualTo(Integer.toString(second.port()));
        assertThat(server(preferStandby)).isEqualTo(Integer.toString(second.port()));
        assertThat(server(any)).isEqualTo(Integer.toString(first.port()));

        first.kill();
        second.promote();
        assertThatThrownBy(() -> standby.acquire(Duration.ofSeconds(3)))
                .isInstanceOf(AcquireTimeoutException.class)
                .hasStackTraceContaining("server is not in hot standby mode");
        assertThat(server(preferStandby)).as("better than none").isEqualTo(Integer.toString(second.port()));
        assertThat(preferStandby.stats().opened()).isEqualTo(1);
        assertThat(server(any)).isEqualTo(Integer.toString(second.port()));

        first.rewindTo(second);
        first.start();
        assertThat(server(standby)).isEqualTo(Integer.toString(first.port()));
    }
}
