package io.github.pgmanaged.junit;

import static io.github.pgmanaged.testing.TestDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What threads of the application do while tests end, and before they begin. */
@Timeout(120)
class EndOfTestTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    static class WorksOn {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.to(DB::conninfo);

        @Test
        void background() throws Exception {
            CountDownLatch leased = new CountDownLatch(1);
            Thread worker = new Thread(() -> {
                try {
                    ONE.manager().useConnection(connection -> {
                        connection.setAutoCommit(true);
                        leased.countDown();
                        execute(connection, "SELECT pg_sleep(2.5)");
                    });
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            worker.start();
            leased.await();
            // It is to be at work, and not only to hold the lease.
            while (ONE.manager().status() != TransactionStatus.ACTIVE && worker.isAlive()) {
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    @Test
    void a_thread_that_works_while_the_test_ends_is_left_alone() {
        Run.of(WorksOn.class).isInnocent();
    }

    static class StandsStill {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.to(DB::conninfo);

        static final CountDownLatch END = new CountDownLatch(1);

        @Test
        void background() throws Exception {
            CountDownLatch leased = new CountDownLatch(1);
            new Thread(
                            () -> {
                                try {
                                    ONE.manager().useConnection(connection -> {
                                        leased.countDown();
                                        END.await();
                                    });
                                } catch (SQLException | InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                            },
                            "stands still")
                    .start();
            leased.await();
        }
    }

    @Test
    void a_thread_that_keeps_the_connection_and_does_nothing_is_found() {
        try {
            assertThat(Run.of(StandsStill.class).report())
                    .contains("StandsStill.background", "never closed", "\"stands still\" acquired it");
        } finally {
            StandsStill.END.countDown();
        }
    }

    static class FaultyBefore {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.to(DB::conninfo);

        @BeforeAll
        static void before() throws Exception {
            new Shop(ONE.dataSource()).orderAudited();
        }

        @Test
        void faultless() throws Exception {
            new Shop(ONE.dataSource()).order("faultless");
        }
    }

    @Test
    void what_happens_before_the_tests_fails_the_class() {
        assertThat(Run.of(FaultyBefore.class).report())
                .contains("the tests of FaultyBefore had 1 finding", "FaultyBefore.before(");
    }

    static class AtWork {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.to(DB::conninfo)
                .acquireTimeout(Duration.ofSeconds(4))
                .blockedFor(Duration.ofSeconds(3));

        @Test
        void busy() throws Exception {
            ManagedConnection manager = ONE.manager();
            DB.update("SELECT pg_advisory_lock(1)");
            manager.useConnection(connection -> {
                connection.setAutoCommit(true);
                CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
                    try {
                        manager.useConnection(second -> {});
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                });
                while (manager.waiters().count() == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
                // It is at work until the other one has given up.
                CompletableFuture<Throwable> vain = other.handle((nothing, e) -> {
                    unlock();
                    return e;
                });
                execute(connection, "SELECT pg_advisory_lock(1)");
                assertThat(vain.join()).hasCauseInstanceOf(AcquireTimeoutException.class);
            });
        }

        private static void unlock() {
            try {
                DB.update("SELECT pg_advisory_unlock(1)");
            } catch (SQLException e) {
                throw new CompletionException(e);
            }
        }
    }

    @Test
    void an_acquisition_in_vain_is_found_though_the_holder_is_at_work() {
        assertThat(Run.of(AtWork.class).report())
                .contains(
                        "AtWork.busy had 1 finding",
                        "though its holder was at work",
                        "under way: SELECT pg_advisory_lock(1)");
    }
}
