package io.github.pgmanaged.faults.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import io.github.pgmanaged.faults.programs.Sql;
import io.github.pgmanaged.testing.Elsewhere;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A primary dies with a COMMIT that its standby has not got. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP})
class LostReplicaTest {
    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    /** How the standby came to be. */
    enum Copy {
        BASE_BACKUP,
        /** Of the files, while the primary was shut down. */
        COLD
    }

    private void aPrimaryThatWaitsForAStandbyThatGetsNothing(Copy copy) throws Exception {
        first = PostgresServer.start(home, "first", "autovacuum = off"); // which takes transaction IDs, too
        first.execute("CREATE TABLE example (id int)");
        second = copy == Copy.COLD
                ? PostgresServer.coldStandbyOf(first, home, "second")
                : PostgresServer.standbyOf(first, home, "second");
        Awaitility.await()
                .until(
                        () -> first.ask("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication"),
                        "t"::equals);
        second.execute("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
        Awaitility.await().until(() -> first.ask("SELECT count(*) FROM pg_stat_replication"), "0"::equals);
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        Awaitility.await().until(() -> first.ask("SHOW synchronous_standby_names"), "*"::equals);
    }

    @BeforeEach
    void aHome() throws Exception {
        home = Home.make();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    @ParameterizedTest
    @EnumSource
    void it_never_counts_as_committed_even_when_the_new_primary_gives_its_transaction_id_to_another(Copy copy)
            throws Exception {
        aPrimaryThatWaitsForAStandbyThatGetsNothing(copy);
        try (ManagedConnection manager = ManagedConnection.builder(PostgresServer.writableOf(first, second))
                .verifyCommits(true)
                .build()) {
            CommitOutcomeUnknownException unknown = loseACommit(manager);

            second.promote();
            assertThat(manager.outcomeOf(unknown)).isNotEqualTo(CommitOutcome.COMMITTED);

            manager.useTransaction(lease ->
                    assertThat(Sql.ask(lease, "SELECT pg_current_xact_id()")).isEqualTo(unknown.transactionId()));
            assertThat(second.ask("SELECT pg_xact_status('" + unknown.transactionId() + "')"))
                    .as("the server's word on the other transaction")
                    .isEqualTo("committed");
            assertThat(second.ask("SELECT count(*) FROM example")).isEqualTo("0");
            assertThat(manager.outcomeOf(unknown)).isNotEqualTo(CommitOutcome.COMMITTED);
        }
    }

    private CommitOutcomeUnknownException loseACommit(ManagedConnection manager) throws Exception {
        CompletableFuture<Throwable> commit = Elsewhere.call(() -> catchThrowable(() -> {
            try (Lease lease = manager.acquire()) {
                Sql.execute(lease, "INSERT INTO example VALUES (1)");
                lease.commit();
            }
        }));
        Awaitility.await()
                .until(
                        () -> first.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
                        "1"::equals);
        first.kill();
        Throwable told = commit.get(30, TimeUnit.SECONDS);
        assertThat(told).isInstanceOf(CommitOutcomeUnknownException.class);
        return (CommitOutcomeUnknownException) told;
    }
}
