package io.github.pgmanaged.faults.pair;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.failover.Books;
import io.github.pgmanaged.faults.failover.Writers;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import java.sql.Connection;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A primary dies, its standby is promoted, and the threads write on. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP, Program.PG_REWIND})
class FailoverTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    enum End {
        SIGKILL {
            @Override
            void of(PostgresServer server) {
                server.kill();
            }
        },
        IMMEDIATE_SHUTDOWN {
            @Override
            void of(PostgresServer server) throws Exception {
                server.stopImmediately();
            }
        };

        abstract void of(PostgresServer server) throws Exception;
    }

    @BeforeEach
    void aPairWithSynchronousReplication() throws Exception {
        home = Home.make();
        first = PostgresServer.start(home, "first");
        first.execute(Writers.TABLE);
        second = PostgresServer.standbyOf(first, home, "second");
        // Only now: the standby's copy of the settings must not make it wait for a standby of its own.
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        Awaitility.await()
                .atMost(LONG)
                .until(() -> first.ask("SELECT sync_state FROM pg_stat_replication"), "sync"::equals);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    @ParameterizedTest
    @CsvSource({"SIGKILL,0", "IMMEDIATE_SHUTDOWN,0", "SIGKILL,3"})
    void threads_write_on_after_a_failover_and_nothing_acknowledged_is_lost(End end, int secondsWithout)
            throws Exception {
        try (ManagedConnection manager = ManagedConnection.of(PostgresServer.writableOf(first, second));
                Writers writers = new Writers(manager, 6)) {
            writers.awaitProgress(LONG);
            assertThat(writers.lastServer()).isEqualTo(first.port());

            long dying = System.nanoTime();
            end.of(first);
            long without = TimeUnit.SECONDS.toNanos(secondsWithout);
            Awaitility.await("nobody is a primary").until(() -> System.nanoTime() - dying >= without);
            second.promote();
            long promoted = System.nanoTime();

            writers.awaitProgress(LONG);
            long working = writers.firstAfter(second.port(), dying).orElseThrow();
            assertThat(Duration.ofNanos(working - promoted))
                    .as("opening is tried again once a second at least")
                    .isLessThan(Duration.ofSeconds(5));
            assertThat(writers.lastServer()).isEqualTo(second.port());

            first.rewindTo(second);
            first.start();
            assertThat(first.ask("SELECT pg_is_in_recovery()")).isEqualTo("t");
            manager.reset();
            writers.awaitProgress(LONG);
            assertThat(writers.lastServer())
                    .as("the old primary, which comes first in the string, is a standby now")
                    .isEqualTo(second.port());

            writers.stop();
            try (Connection connection = second.connect()) {
                Books.balance(writers, connection);
            }
            FailoverPage.add(
                    end.name().toLowerCase(Locale.ROOT).replace('_', ' ')
                            + (secondsWithout == 0 ? "" : ", " + secondsWithout + " s before the promotion"),
                    Duration.ofNanos(working - dying),
                    Duration.ofNanos(working - promoted),
                    writers.acknowledged().size(),
                    writers.unknown().size(),
                    writers.failed().size());
        }
    }
}
