package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.awaitility.Awaitility;

/** A database of the tests, and managers of a session to it. */
public final class ManagedDatabase extends TestDatabase {
    /** What a manager opens its sessions with. */
    public DataSource source() {
        return new LibpqDataSource(conninfo());
    }

    /** A manager that is closed after the test. */
    public ManagedConnection manager() {
        return closing(ManagedConnection.of(conninfo()));
    }

    public ManagedConnection.Builder builder() {
        return ManagedConnection.builder(conninfo());
    }

    /** The PID of the manager's session, as a lease sees it; it leaves nothing behind. */
    public static int pid(ManagedConnection manager) throws SQLException {
        return manager.<Integer, RuntimeException>withConnection(TestDatabase::pid);
    }

    /**
     * Until a session waits on the server for what has this name there, {@code PgSleep} or {@code advisory}. A call is
     * under way before, and its backend active, when it may not have begun what it is asked.
     */
    public void awaitWaitingFor(String event) {
        Awaitility.await()
                .until(() -> query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND wait_event = '" + event + "'")
                        .equals("1"));
    }

    /**
     * Leaves an attempt to open a session to itself: the thread that began it is interrupted.
     *
     * @param begun the attempt counts it down
     */
    static void giveUpOpening(ManagedConnection manager, CountDownLatch begun) throws Exception {
        CompletableFuture<Throwable> told = new CompletableFuture<>();
        Thread opener = Elsewhere.start(Thread::new, told, () -> catchThrowable(manager::acquire));
        begun.await();
        opener.interrupt();
        assertThat(told.get()).isInstanceOf(AcquireInterruptedException.class);
    }

    /** Inserts a row, and loses the answer to its COMMIT. */
    static CommitOutcomeUnknownException lostCommit(ManagedConnection manager, DeafProxy proxy) throws SQLException {
        Lease lease = manager.acquire();
        insert(lease, "a");
        proxy.cutAnswerTo("COMMIT");
        CommitOutcomeUnknownException unknown =
                catchThrowableOfType(CommitOutcomeUnknownException.class, lease::commit);
        assertThatThrownBy(lease::close).isInstanceOf(SQLException.class);
        return unknown;
    }
}
