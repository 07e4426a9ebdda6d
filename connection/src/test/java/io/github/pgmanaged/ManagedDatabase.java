package io.github.pgmanaged;

import io.github.pgmanaged.conninfo.LibpqDataSource;
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
}
