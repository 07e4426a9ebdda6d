package io.github.pgmanaged.faults.pair;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.failover.Elsewhere;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A primary dies with a COMMIT that its standby has not got. */
@Timeout(120)
@Needs({Program.INITDB, Program.POSTGRES, Program.PG_BASEBACKUP})
class LostReplicaTest {
    private Home home;
    private PostgresServer first;
    private PostgresServer second;

    @BeforeEach
    void aPrimaryThatWaitsForAStandbyThatGetsNothing() throws Exception {
        home = Home.make();
        first = PostgresServer.start(home, "first");
        first.execute("CREATE TABLE example (id int)");
        second = PostgresServer.standbyOf(first, home, "second");
        Awaitility.await()
                .until(
                        () -> first.ask("SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication"),
                        "t"::equals);
        second.execute("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
        Awaitility.await().until(() -> first.ask("SELECT count(*) FROM pg_stat_replication"), "0"::equals);
        first.execute("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
        Awaitility.await().until(() -> first.ask("SHOW synchronous_standby_names"), "*"::equals);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    @Test
    void its_outcome_is_unknown_even_when_the_new_primary_knows_the_same_transaction_id() throws Exception {
        try (ManagedConnection manager = ManagedConnection.of(PostgresServer.writableOf(first, second))) {
            String[] id = new String[1];
            CompletableFuture<Throwable> commit =
                    Elsewhere.call(() -> Assertions.catchThrowable(() -> manager.useTransaction(lease -> {
                        try (Statement statement = lease.createStatement()) {
                            statement.execute("INSERT INTO example VALUES (1)");
                            try (var rows = statement.executeQuery("SELECT pg_current_xact_id()")) {
                                rows.next();
                                id[0] = rows.getString(1);
                            }
                        }
                    })));
            Awaitility.await()
                    .until(
                            () -> first.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"),
                            "1"::equals);
            first.kill();
            Throwable told = commit.get(30, TimeUnit.SECONDS);
            assertThat(told).isInstanceOf(CommitOutcomeUnknownException.class);

            second.promote();
            assertThat(manager.<String, Exception>inTransaction(lease -> {
                        try (Statement statement = lease.createStatement();
                                var rows = statement.executeQuery("SELECT pg_current_xact_id()")) {
                            rows.next();
                            return rows.getString(1);
                        }
                    }))
                    .as("the new primary gives the number away again")
                    .isEqualTo(id[0]);
            assertThat(second.ask("SELECT count(*) FROM example")).isEqualTo("0");
            assertThat(second.ask("SELECT pg_xact_status('" + id[0] + "')"))
                    .as("the server's word on another transaction")
                    .isEqualTo("committed");
        }
    }
}
