package io.github.pgmanaged.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.cli.timeline.Told;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What real managers' recordings tell. */
@Timeout(120)
class RealRecordingTest {
    @TempDir
    Path directory;

    @Test
    void whoWaitedLeftATransactionOpenGaveUpOrWasRevokedIsTold() throws Exception {
        Path file = Recordings.of(directory.resolve("a.jfr"), () -> {
            try (ManagedConnection books = manager("books")) {
                books.useTransaction(lease -> lease.createStatement().execute("SELECT 1"));
                Lease held = books.acquire();
                CompletableFuture<Void> waiting = in("waiter", () -> {
                    Lease left = books.acquire();
                    left.createStatement().execute("SELECT 1");
                    assertThatThrownBy(left::close).isInstanceOf(OpenTransactionException.class);
                });
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> books.waiters().count() == 1);
                in(
                                "hasty",
                                () -> assertThatThrownBy(() -> books.acquire(Duration.ofMillis(5)))
                                        .isInstanceOf(AcquireTimeoutException.class))
                        .join();
                books.revoke("the report can wait");
                waiting.join();
                assertThatThrownBy(held::commit).isInstanceOf(SQLException.class);
                held.close();
            }
        });
        String main = Thread.currentThread().getName();
        assertThat(Told.of(file, "books"))
                .contains(
                        main + ": released",
                        main + ": revoked",
                        "waiter: released, rolled back, waited, opened",
                        "hasty: gave up waiting: ",
                        main + ": lease revoked: the report can wait, held for N ms",
                        "session opened: in N ms")
                .anySatisfy(line -> assertThat(line)
                        .startsWith("waiter: forced rollback: the transaction was left open; released in")
                        .contains("org.assertj"))
                .anySatisfy(line -> assertThat(line).contains("session closed: manager closed"));
        assertThat(Told.isSound(file)).isTrue();
    }

    @Test
    void threadsOfOneNameAndThoseThatHaveEndedAreToldApart() throws Exception {
        Path file = Recordings.of(directory.resolve("b.jfr"), () -> {
            try (ManagedConnection books = manager("books")) {
                for (int i = 0; i < 2; i++) {
                    in(
                                    "worker",
                                    () -> books.useTransaction(
                                            lease -> lease.createStatement().execute("SELECT 1")))
                            .join();
                }
                in(
                                "</script><img src=x>",
                                () -> books.useTransaction(
                                        lease -> lease.createStatement().execute("SELECT 1")))
                        .join();
            }
        });
        assertThat(Told.of(file, "books"))
                .filteredOn(line -> line.endsWith(": released"))
                .hasSize(3)
                .doesNotHaveDuplicates()
                .anySatisfy(line -> assertThat(line).startsWith("</script><img src=x>: "))
                .anySatisfy(line -> assertThat(line).startsWith("worker (#"));
    }

    @Test
    void aServerThatIsNotThereIsToldAndThePasswordIsNot() throws Exception {
        Path file = Recordings.of(directory.resolve("c.jfr"), () -> {
            try (ManagedConnection nowhere =
                            ManagedConnection.of("postgres://u:hunter2@127.0.0.1:1/postgres?connect_timeout=2");
                    ManagedConnection books = manager("books")) {
                assertThatThrownBy(nowhere::acquire).isInstanceOf(SQLException.class);
                books.useTransaction(lease -> lease.createStatement().execute("SELECT 'hunter2'"));
            }
        });
        assertThat(Told.managers(file)).hasSize(2).startsWith("books");
        String other = Told.managers(file).get(1);
        assertThat(other).contains("127.0.0.1:1").doesNotContain("hunter2");
        assertThat(Told.of(file, other))
                .anySatisfy(
                        line -> assertThat(line).startsWith("opening failed: ").contains("SQLState 08"))
                .noneSatisfy(line -> assertThat(line).contains("hunter2"));
    }

    private static ManagedConnection manager(String name) {
        return ManagedConnection.builder(TestServer.conninfo()).name(name).build();
    }

    private static CompletableFuture<Void> in(String name, Recordings.Deed deed) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        deed.run();
                        done.complete(null);
                    } catch (Throwable e) {
                        done.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return done.orTimeout(50, TimeUnit.SECONDS);
    }
}
