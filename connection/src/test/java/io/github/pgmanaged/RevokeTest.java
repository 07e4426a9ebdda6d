package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import io.github.pgmanaged.internal.EventSource;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Tenancy;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody ends the lease of another: that one, and no other. */
@Timeout(60)
class RevokeTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager = DB.manager();

    @Test
    void a_lease_that_is_released_while_it_is_being_revoked_is_over_when_that_returns() throws Exception {
        Lease lease = manager.acquire();
        CompletableFuture<Optional<Lease>> next = new CompletableFuture<>();
        manager.asDataSource().unwrap(EventSource.class).addListener(new Events() {
            @Override
            public void revoked(Tenancy revoked, String reason) { // whose end is still to come
                Elsewhere.run(() -> {
                    lease.close();
                    next.complete(manager.tryAcquire());
                });
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.lease.Holding", "awaitEnd")
                                || next.isDone());
            }
        });

        assertThat(manager.revoke("to see")).isTrue();

        assertThat(next).succeedsWithin(Duration.ofSeconds(30));
        assertThat(next.get()).isPresent();
        next.get().get().close();
    }

    @Test
    void a_lease_that_is_revoked_in_a_call_is_cancelled_and_rolled_back_and_the_next_one_goes_on() throws Exception {
        CompletableFuture<Throwable> holder =
                Elsewhere.call(() -> catchThrowable(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    query(lease, "SELECT 'forever' FROM pg_sleep(600)");
                })));
        DB.awaitWaitingFor("PgSleep"); // a request to cancel it that came before would not end it
        CompletableFuture<Integer> waiter = Elsewhere.call(() -> pid(manager));
        Awaitility.await().until(() -> manager.waiters().count() == 1);

        assertThat(manager.revoke("the deploy at noon")).isTrue();

        assertThat(waiter.get()).isPositive();
        assertThat(holder.get())
                .isInstanceOf(SQLException.class)
                .satisfies(error -> assertThat(error.getSuppressed())
                        .anySatisfy(told -> assertThat(told)
                                .isInstanceOf(LeaseReleasedException.class)
                                .hasMessageContaining("which thread \"elsewhere\" had held for ")
                                .hasMessageContaining("was revoked with the reason \"the deploy at noon\"")));
        Awaitility.await()
                .until(() -> DB.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%forever%'"
                                + " AND datname = current_database() AND pid <> pg_backend_pid()")
                        .equals("0"));
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().revoked()).isEqualTo(1);
    }

    @Test
    void the_holder_of_a_revoked_lease_reads_the_reason_at_its_next_call_and_at_its_release() throws SQLException {
        Lease lease = manager.acquire();
        insert(lease, "a");
        int before = pid(lease);
        try (LogCapture log = new LogCapture()) {
            assertThat(manager.revoke("long enough")).isTrue();
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(log.at(Level.WARN))
                                    .singleElement()
                                    .satisfies(
                                            e -> assertThat(e.getFormattedMessage())
                                                    .contains(
                                                            "was revoked with the reason \"long enough\". It was idle in a transaction after:"
                                                                    + " INSERT INTO")
                                                    .contains(
                                                            "Its session is closed, what is not committed is rolled back by the server")));
        }
        assertThatThrownBy(() -> query(lease, "SELECT 1"))
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("long enough");
        assertThatThrownBy(lease::commit).hasMessageContaining("long enough");
        assertThatThrownBy(lease::close)
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("long enough");
        lease.close();
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().rollbacks()).as("by a release").isZero();
    }

    @Test
    void a_transaction_of_a_lambda_that_is_revoked_is_not_committed() throws Exception {
        assertThatThrownBy(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    manager.revoke("by itself, even");
                }))
                .isInstanceOf(LeaseReleasedException.class)
                .hasMessageContaining("by itself, even");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void who_lost_nothing_is_not_told_at_the_release() throws Exception {
        Lease lease = manager.acquire();
        insert(lease, "a");
        lease.commit();
        assertThat(manager.revoke("no harm done")).isTrue();
        lease.close();
        assertThat(DB.rows()).isEqualTo(1);
    }

    @Test
    void a_lease_that_is_revoked_in_its_commit_says_that_the_outcome_is_unknown() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection slow = DB.closing(ManagedConnection.builder(proxy.source())
                .releaseTimeout(Duration.ofMillis(300))
                .build());
        CompletableFuture<Throwable> told = Elsewhere.call(() -> catchThrowable(() -> slow.useTransaction(lease -> {
            insert(lease, "a");
            proxy.goDeaf();
        })));
        Awaitility.await()
                .until(() -> slow.holder().flatMap(Holder::statement).orElse("").equals("COMMIT")
                        && Elsewhere.isIn("org.postgresql.core.v3.QueryExecutorImpl", "processResults")); // it is sent
        assertThat(slow.revoke("it hangs")).isTrue();
        assertThat(told.get()).isInstanceOf(CommitOutcomeUnknownException.class);
        assertThat(slow.stats().commitsUnknown()).isEqualTo(1);
    }

    @Test
    void a_lease_that_is_free_or_over_or_revoked_already_cannot_be_revoked() throws SQLException {
        assertThat(manager.revoke("nobody")).isFalse();
        Lease lease = manager.acquire();
        assertThat(manager.revoke("once")).isTrue();
        assertThat(manager.revoke("twice")).isFalse();
        lease.close();
        assertThat(manager.revoke("nobody")).isFalse();
        assertThat(manager.stats().revoked()).isEqualTo(1);
    }

    @Test
    void a_lease_that_is_being_released_is_not_revoked() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection slow = DB.closing(ManagedConnection.builder(proxy.source())
                .releaseTimeout(Duration.ofSeconds(1))
                .build());
        Lease lease = slow.acquire();
        insert(lease, "a");
        Holder holder = slow.holder().orElseThrow();
        proxy.goDeaf();
        CompletableFuture<Throwable> closing = Elsewhere.call(() -> catchThrowable(lease::close));
        Awaitility.await().until(lease::isClosed);
        Awaitility.await().until(() -> Elsewhere.isIn("io.github.pgmanaged.internal.release.Release", "settle"));
        assertThat(holder.revoke("while it is released")).isFalse();
        assertThat(closing.get()).hasMessageContaining("ROLLBACK failed");
        assertThat(slow.stats().revoked()).isZero();
    }

    @Test
    void to_revoke_a_holder_that_was_seen_before_leaves_the_one_of_now_alone() throws SQLException {
        Holder earlier;
        try (Lease lease = manager.acquire()) {
            earlier = manager.holder().orElseThrow();
        }
        try (Lease lease = manager.acquire()) {
            int before = pid(lease);
            assertThat(earlier.revoke("meant for another")).isFalse();
            assertThat(query(lease, "SELECT 1")).isEqualTo("1");
            assertThat(pid(lease)).isEqualTo(before);
            lease.rollback();
            assertThat(manager.holder().orElseThrow().revoke("meant for this one"))
                    .isTrue();
        }
    }

    @Test
    void however_leases_come_and_go_each_revocation_hits_the_holder_that_was_looked_at() throws Exception {
        AtomicInteger committed = new AtomicInteger();
        AtomicInteger keys = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        List<CompletableFuture<Integer>> workers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            workers.add(Elsewhere.call(() -> {
                int lost = 0;
                while (!stop.get()) {
                    try {
                        manager.useTransaction(lease -> insert(lease, "k" + keys.incrementAndGet()));
                        committed.incrementAndGet();
                    } catch (SQLException revoked) {
                        lost++;
                    }
                }
                return lost;
            }));
        }
        int hits = 0;
        while (hits < 20) {
            Holder holder = manager.holder().orElse(null);
            if (holder != null && holder.revoke("at random")) {
                hits++;
            }
        }
        stop.set(true);
        int lost = 0;
        for (CompletableFuture<Integer> worker : workers) {
            lost += worker.get();
        }
        assertThat(lost).as("one each at most").isLessThanOrEqualTo(hits);
        assertThat(manager.stats().revoked()).isEqualTo(hits);
        assertThat(DB.rows()).as("an unknown COMMIT may have come through").isGreaterThanOrEqualTo(committed.get());
        assertThat(DB.rows() - committed.get())
                .isLessThanOrEqualTo(manager.stats().commitsUnknown());
    }

    @Test
    void a_reason_has_to_be_given() throws SQLException {
        for (String reason : new String[] {null, "", " "}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> manager.revoke(reason))
                    .withMessage("reason: must not be null or blank");
            try (Lease lease = manager.acquire()) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> manager.holder().orElseThrow().revoke(reason));
                assertThat(lease.isClosed()).isFalse();
            }
        }
    }
}
