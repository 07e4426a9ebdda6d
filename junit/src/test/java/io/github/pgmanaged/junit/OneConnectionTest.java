package io.github.pgmanaged.junit;

import static io.github.pgmanaged.testing.TestDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.LogCapture;
import io.github.pgmanaged.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of fault fails the test in which it happened, and says where; without a fault nothing is said. */
@Timeout(120)
class OneConnectionTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private static OneConnection one() {
        return OneConnection.to(DB::conninfo);
    }

    // --- a second connection in the same thread -----------------------------------------------------------------

    static class Audited {
        @RegisterExtension
        static final OneConnection ONE = one();

        private final Shop shop = new Shop(ONE.dataSource());

        @Test
        void audited() throws Exception {
            shop.orderAudited();
        }

        @Test
        void faultless() throws Exception {
            shop.order("one");
            shop.order("two");
        }
    }

    @Test
    void a_second_connection_fails_the_test_though_the_application_caught_the_exception() {
        assertThat(Run.of(Audited.class).report())
                .containsSubsequence(
                        "test Audited.audited had 1 finding:",
                        "1. A second connection was wanted by a thread that has one.",
                        "wanted another",
                        "at io.github.pgmanaged.junit.Shop.audit(Shop.java:",
                        "at io.github.pgmanaged.junit.Shop.orderAudited(Shop.java:",
                        "while it has the one that it acquired",
                        "at io.github.pgmanaged.junit.Shop.orderAudited(Shop.java:",
                        "idle in a transaction after: INSERT INTO example")
                .doesNotContain("org.junit.platform", "pgmanaged.internal");
    }

    static class OfManager {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.ofApplication();

        @Test
        void nested() throws Exception {
            try (ManagedConnection manager = ONE.watch(ManagedConnection.of(DB.conninfo()))) {
                manager.useConnection(first -> {
                    for (int i = 0; i < 3; i++) {
                        assertThat(TestDatabase.state(() -> manager.useConnection(second -> {})))
                                .isEqualTo("55006");
                    }
                });
            }
        }
    }

    @Test
    void leases_of_the_applications_own_manager_are_watched_and_what_repeats_is_said_once() {
        assertThat(Run.of(OfManager.class).report())
                .contains("had 1 finding", "a thread that has one. (3 times)", "OfManager");
    }

    static class FailsByItself {
        @RegisterExtension
        static final OneConnection ONE = one();

        @Test
        void failing() throws Exception {
            new Shop(ONE.dataSource()).orderAudited();
            fail("its own reason");
        }

        @Test
        void aborted() throws Exception {
            new Shop(ONE.dataSource()).orderAudited();
            assumeTrue(false, "not here");
        }
    }

    @Test
    void a_test_that_fails_by_itself_keeps_its_failure_and_one_that_is_aborted_fails() {
        Run run = Run.of(FailsByItself.class);
        Throwable own = run.failures("failing").get(0);
        assertThat(own).hasMessage("its own reason");
        assertThat(own.getSuppressed()).hasAtLeastOneElementOfType(OneConnectionError.class);
        assertThat(run.failures("aborted").get(0)).isInstanceOf(OneConnectionError.class);
    }

    static class OnlyReported {
        @RegisterExtension
        static final OneConnection ONE = one().reportOnly();

        @Test
        void audited() throws Exception {
            new Shop(ONE.dataSource()).orderAudited();
        }
    }

    @Test
    void findings_are_only_logged_if_that_is_asked_for() {
        try (LogCapture log = new LogCapture()) {
            Run run = Run.of(OnlyReported.class);
            run.isInnocent();
            assertThat(run.results().testEvents().reportingEntryPublished().count())
                    .isEqualTo(1);
            assertThat(log.warnings())
                    .anySatisfy(line -> assertThat(line).contains("OnlyReported.audited had 1 finding", "Shop.audit("));
        }
    }

    static class Parameterized {
        @RegisterExtension
        static final OneConnection ONE = one();

        @ParameterizedTest
        @ValueSource(strings = {"good", "bad", "fine"})
        void order(String key) throws Exception {
            new Shop(ONE.dataSource()).order(key);
            if (key.equals("bad")) {
                new Shop(ONE.dataSource()).orderAudited();
            }
        }
    }

    @Test
    void of_a_parameterized_test_the_one_invocation_fails() {
        assertThat(Run.of(Parameterized.class).report()).contains("Parameterized.order", "bad");
    }

    // --- a holder that waits for the thread that wants the connection -------------------------------------------

    static class Deadlocked {
        @RegisterExtension
        static final OneConnection ONE = one().acquireTimeout(Duration.ofSeconds(2));

        @Test
        void worker() throws Exception {
            new Shop(ONE.dataSource()).orderByWorker();
        }
    }

    @Test
    void a_holder_that_waits_for_a_thread_that_waits_for_it_is_found_with_both_stacks() {
        assertThat(Run.of(Deadlocked.class).report())
                .containsSubsequence(
                        "Deadlocked.worker had 1 finding",
                        "wanted by a thread while the holder of the one waits itself",
                        "ms, in vain:",
                        "Shop.audit(",
                        "It was",
                        "Shop.orderByWorker(",
                        "and had acquired the connection",
                        "Shop.orderByWorker(");
    }

    static class GivesUpWaiting {
        @RegisterExtension
        static final OneConnection ONE = one().blockedFor(Duration.ofMillis(200));

        @Test
        void worker() throws Exception {
            ManagedConnection manager = ONE.manager();
            CountDownLatch longEnough = new CountDownLatch(1);
            Thread worker = new Thread(() -> {
                try {
                    manager.useConnection(connection -> {});
                } catch (SQLException e) {
                    throw new AssertionError(e);
                }
            });
            Thread observer = new Thread(() -> {
                while (manager.waiters().firstWait().toMillis() < 3000) {
                    LockSupport.parkNanos(1_000_000);
                }
                longEnough.countDown();
            });
            manager.useConnection(connection -> {
                worker.start();
                observer.start();
                longEnough.await();
            });
            worker.join();
        }
    }

    @Test
    void a_long_wait_for_a_holder_that_waits_is_found_though_it_ends_well() {
        assertThat(Run.of(GivesUpWaiting.class).report())
                .contains("the holder of the one waits itself", "GivesUpWaiting")
                .doesNotContain("in vain");
    }

    // --- transactions left open, connections left open ----------------------------------------------------------

    static class Forgetful {
        @RegisterExtension
        static final OneConnection ONE = one();

        @Test
        void uncommitted() {
            new Shop(ONE.dataSource()).forgetToCommit();
        }
    }

    @Test
    void a_transaction_left_open_is_found_with_the_statement_that_began_it() {
        assertThat(Run.of(Forgetful.class).report())
                .containsSubsequence(
                        "A connection was closed with a transaction open.",
                        "began the transaction with: INSERT INTO example (key) VALUES ('forgotten')",
                        "Closed",
                        "Shop.forgetToCommit(",
                        "Acquired by thread",
                        "Shop.forgetToCommit(");
    }

    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class Leaking {
        @RegisterExtension
        static final OneConnection ONE = one().acquireTimeout(Duration.ofSeconds(20));

        private static final List<Connection> KEPT = new ArrayList<>();

        @Test
        @Order(1)
        void leaking() throws Exception {
            KEPT.add(new Shop(ONE.dataSource()).forgetToClose());
        }

        @Test
        @Order(2)
        void clean() throws Exception {
            new Shop(ONE.dataSource()).order("after a leak");
        }
    }

    @Test
    void a_connection_never_closed_is_found_and_the_next_test_begins_clean() {
        assertThat(Run.of(Leaking.class).report())
                .containsSubsequence(
                        "Leaking.leaking", "A connection was never closed.", "Shop.forgetToClose(", "SELECT 'leak'");
    }

    // --- sessions of others -------------------------------------------------------------------------------------

    static class Beside {
        @RegisterExtension
        static final OneConnection ONE = one().reportOtherSessions();

        private static final List<Connection> KEPT = new ArrayList<>();

        @Test
        void beside() throws Exception {
            new Shop(ONE.dataSource()).order("beside");
            Connection own = DriverManager.getConnection("jdbc:libpq:" + DB.conninfo() + "?application_name=sneaky");
            KEPT.add(own);
            execute(own, "SELECT 'beside'");
        }
    }

    @Test
    void a_session_beside_the_one_is_found_if_that_is_asked_for() throws Exception {
        try {
            assertThat(Run.of(Beside.class).report()).contains("application_name \"sneaky\"", "SELECT 'beside'");
        } finally {
            for (Connection connection : Beside.KEPT) {
                connection.close();
            }
        }
    }

    static class Replaced {
        @RegisterExtension
        static final OneConnection ONE = one().reportOtherSessions();

        static {
            ONE.manager(); // so that the class begins with a look at those that are there
        }

        /** Its server process works on, and is still there when the test ends. */
        @Test
        void loseTheSession() throws Exception {
            Connection lost = ONE.dataSource().getConnection();
            lost.setNetworkTimeout(Runnable::run, 100);
            assertThatThrownBy(() -> execute(lost, "SELECT pg_sleep(3)")).isInstanceOf(SQLException.class);
            assertThatThrownBy(lost::close).isInstanceOf(CommitOutcomeUnknownException.class);
        }
    }

    @Test
    void the_connections_own_session_is_none_beside_it_when_another_has_taken_its_place() throws Exception {
        Run.of(Replaced.class).isInnocent();
    }

    // --- innocence ----------------------------------------------------------------------------------------------

    static class Crowded {
        @RegisterExtension
        static final OneConnection ONE = OneConnection.to("jdbc:libpq:" + DB.conninfo());

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 4})
        void crowd(int test) throws Exception {
            Shop shop = new Shop(ONE.dataSource());
            ExecutorService threads = Executors.newFixedThreadPool(10);
            try {
                List<Future<?>> orders = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    String key = test + "/" + i;
                    orders.add(threads.submit(() -> {
                        shop.order(key);
                        return null;
                    }));
                }
                for (Future<?> order : orders) {
                    order.get();
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    @Test
    void threads_that_queue_are_no_finding_nor_are_tests_in_parallel() throws Exception {
        Run.inParallel(Crowded.class).isInnocent();
        assertThat(DB.rows()).isEqualTo(400);
    }

    @Test
    void in_parallel_tests_the_one_with_the_fault_fails() {
        assertThat(Run.inParallel(Audited.class).report()).contains("Audited.audited");
    }

    // --- the page of the docs -----------------------------------------------------------------------------------

    @Test
    void the_report_in_the_docs_is_a_real_one() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "testing.md"));
        assertThat(varying(page))
                .contains(varying(Run.of(Audited.class).report().strip()));
    }

    /** Without what changes from run to run, or with each line of the source. */
    private static String varying(String text) {
        return text.replaceAll(":[0-9]+\\)", ":n)").replaceAll("[0-9]+ ms", "n ms");
    }
}
