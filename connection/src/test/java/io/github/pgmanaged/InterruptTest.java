package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Waiting can be interrupted; what is said to the server is not broken off in the middle by us; and an interrupt is
 * never lost.
 */
@Timeout(60)
class InterruptTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final String SLEEPS = "wait_event = 'PgSleep' AND datname = current_database()";

    private final ManagedConnection manager = DB.manager();

    @Test
    void an_interrupt_during_a_query_lets_it_end_and_is_kept() throws Exception {
        execute(DB.admin(), "SELECT pg_advisory_lock(4711)");
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread thread = Elsewhere.start(
                Thread::new,
                answer,
                () -> manager.withConnection(lease -> {
                    String said = query(lease, "SELECT 'said' FROM pg_advisory_xact_lock(4711)");
                    lease.commit();
                    return said + " " + Thread.currentThread().isInterrupted();
                }));
        DB.awaitWaitingFor("advisory");
        thread.interrupt();
        execute(DB.admin(), "SELECT pg_advisory_unlock(4711)");
        assertThat(answer.get()).isEqualTo("said true");
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void an_interrupted_thread_acquires_works_and_releases_without_harm() throws Exception {
        interruptedWork(Thread::new);
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    /** The JDK closes the socket that an interrupted virtual thread reads from. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void an_interrupt_during_a_query_of_a_virtual_thread_ends_its_session_and_nobody_elses() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread thread = Elsewhere.start(Elsewhere.virtualThreads(), answer, () -> {
            Throwable told = catchThrowable(() -> manager.useTransaction(lease -> {
                insert(lease, "a");
                query(lease, "SELECT pg_sleep(60)");
            }));
            assertThat(told).isInstanceOf(SQLException.class);
            return ((SQLException) told).getSQLState() + " "
                    + Thread.currentThread().isInterrupted();
        });
        Awaitility.await()
                .until(() -> DB.query("SELECT count(*) FROM pg_stat_activity WHERE " + SLEEPS)
                        .equals("1"));
        assertThat(manager.status()).isEqualTo(TransactionStatus.ACTIVE);
        thread.interrupt();
        assertThat(answer.get()).isEqualTo("08006 true");
        DB.query("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE " + SLEEPS);
        assertThat(pid(manager)).isPositive();
        assertThat(DB.rows()).isZero();
        Awaitility.await().until(() -> DB.sessions() == 1);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void a_virtual_thread_that_was_interrupted_before_the_release_keeps_the_session() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Elsewhere.start(Elsewhere.virtualThreads(), answer, () -> {
            Lease lease = manager.acquire();
            insert(lease, "a");
            Thread.currentThread().interrupt();
            Throwable told = catchThrowable(lease::close);
            return told.getClass().getSimpleName() + " "
                    + Thread.currentThread().isInterrupted();
        });
        assertThat(answer.get()).isEqualTo("OpenTransactionException true");
        assertThat(manager.isOpen()).as("it was rolled back in good order").isTrue();
        assertThat(DB.rows()).isZero();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void a_virtual_thread_that_was_interrupted_before_the_entry_does_not_cost_the_session() throws Exception {
        ManagedConnection validating =
                DB.closing(DB.builder().validateAfterIdle(Duration.ZERO).build());
        int before = pid(validating);
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Elsewhere.start(Elsewhere.virtualThreads(), answer, () -> {
            Thread.currentThread().interrupt();
            try (Lease lease = validating.acquire()) {
                return pid(lease);
            }
        });
        assertThat(answer.get()).isEqualTo(before);
    }

    private void interruptedWork(ThreadFactory threads) throws Exception {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        pid(manager);
        Elsewhere.start(threads, answer, () -> {
            Thread.currentThread().interrupt();
            manager.useTransaction(lease -> insert(lease, "a"));
            Lease lease = manager.acquire();
            insert(lease, "b");
            assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);
            return Thread.currentThread().isInterrupted();
        });
        assertThat(answer.get()).isTrue();
        assertThat(DB.rows()).isEqualTo(1);
    }
}
