package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.SQLException;
import javax.sql.DataSource;

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
