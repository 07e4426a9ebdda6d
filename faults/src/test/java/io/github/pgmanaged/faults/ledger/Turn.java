package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.SplittableRandom;
import org.postgresql.PGConnection;

/** One operation: its rows, and what is said of them. Each way to a lease leads past the desk's look at it. */
final class Turn {
    private static final String INSERT = "INSERT INTO ledger VALUES (?, ?)";

    /** The part that is never to be found in the database. */
    static final int TAKEN_BACK = -1;

    private final Desk desk;
    private final long id;
    private final int parts;
    private final SplittableRandom random;
    private final Findings findings;
    private volatile Said said = Said.NOT_COMMITTED;
    private volatile CommitOutcomeUnknownException unknown;

    Turn(Desk desk, long id, Plan.Step step, Findings findings) {
        this.desk = desk;
        this.id = id;
        this.parts = step.parts();
        this.random = new SplittableRandom(step.dice());
        this.findings = findings;
    }

    Desk desk() {
        return desk;
    }

    long id() {
        return id;
    }

    int parts() {
        return parts;
    }

    SplittableRandom random() {
        return random;
    }

    Findings findings() {
        return findings;
    }

    private String who() {
        return "operation " + id;
    }

    // --- what is said -------------------------------------------------------------------------------------------

    Said said() {
        return said;
    }

    /** Nothing if the outcome is known, or cannot be asked for. */
    Optional<CommitOutcomeUnknownException> unknownOutcome() {
        return said == Said.UNKNOWN ? Optional.ofNullable(unknown) : Optional.empty();
    }

    /** A commit was acknowledged; whatever comes afterwards, that stands. */
    void acknowledged() {
        said = Said.COMMITTED;
    }

    void unknown(CommitOutcomeUnknownException e) {
        if (said != Said.COMMITTED) {
            said = Said.UNKNOWN;
            unknown = e;
        }
    }

    /** As the driver leaves it where the product does not see a commit. */
    void unknown() {
        said = Said.UNKNOWN;
    }

    void commit(Connection connection) throws SQLException {
        try {
            connection.commit();
            acknowledged();
        } catch (CommitOutcomeUnknownException e) {
            unknown(e);
            throw e;
        }
    }

    // --- leases -------------------------------------------------------------------------------------------------

    Lease acquire() throws SQLException {
        long begun = System.nanoTime();
        Lease lease;
        try {
            lease = random.nextBoolean()
                    ? desk.manager().acquire()
                    : desk.manager().acquire(Desk.ACQUIRE_TIMEOUT);
        } finally {
            findings.waited(System.nanoTime() - begun);
        }
        return looked(lease, desk.isAutoCommit());
    }

    Lease acquireForJdbc() throws SQLException {
        long begun = System.nanoTime();
        Connection connection;
        try {
            connection = desk.manager().asDataSource(true).getConnection();
        } finally {
            findings.waited(System.nanoTime() - begun);
        }
        return looked((Lease) connection, true);
    }

    Optional<Lease> tryAcquire() throws SQLException {
        Optional<Lease> lease = desk.manager().tryAcquire();
        if (lease.isPresent()) {
            looked(lease.get(), desk.isAutoCommit());
        }
        return lease;
    }

    private Lease looked(Lease lease, boolean autoCommit) throws SQLException {
        try {
            desk.begun(lease, autoCommit, who());
            if (!autoCommit) {
                lease.rollback();
            }
            return lease;
        } catch (SQLException | RuntimeException e) {
            try {
                lease.close();
            } catch (SQLException trouble) {
                e.addSuppressed(trouble);
            }
            throw e;
        }
    }

    void inTransaction(Action<Exception> work) throws Exception {
        long begun = System.nanoTime();
        boolean[] entered = {false};
        try {
            desk.manager().<Exception>useTransaction(lease -> {
                entered[0] = true;
                findings.waited(System.nanoTime() - begun);
                desk.begun(lease, false, who());
                work.run(lease);
            });
            acknowledged();
        } finally {
            if (!entered[0]) {
                findings.waited(System.nanoTime() - begun);
            }
        }
    }

    void withConnection(Action<Exception> work) throws Exception {
        long begun = System.nanoTime();
        boolean[] entered = {false};
        try {
            desk.manager().<Exception>useConnection(lease -> {
                entered[0] = true;
                findings.waited(System.nanoTime() - begun);
                desk.begun(lease, desk.isAutoCommit(), who());
                work.run(lease);
            });
        } finally {
            if (!entered[0]) {
                findings.waited(System.nanoTime() - begun);
            }
        }
    }

    // --- rows ---------------------------------------------------------------------------------------------------

    /** Writes all parts in one of many ways; autocommit must be off, or a transaction open. */
    void write(Connection connection) throws SQLException {
        switch (random.nextInt(4)) {
            case 0 -> writeInOne(connection);
            case 1 -> {
                for (int part = 0; part < parts; part++) {
                    write(connection, part);
                }
            }
            case 2 -> {
                try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                    for (int part = 0; part < parts; part++) {
                        insert.setLong(1, id);
                        insert.setInt(2, part);
                        insert.addBatch();
                    }
                    insert.executeBatch();
                }
            }
            default -> copy(connection);
        }
    }

    private void copy(Connection connection) throws SQLException {
        StringBuilder lines = new StringBuilder();
        for (int part = 0; part < parts; part++) {
            lines.append(id).append('\t').append(part).append('\n');
        }
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY ledger FROM STDIN", new StringReader(lines.toString()));
        } catch (IOException e) {
            throw e.getCause() instanceof SQLException cause ? cause : new SQLException("COPY broke off", "08006", e);
        }
    }

    /** Writes all parts with one statement. */
    void writeInOne(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO ledger SELECT ?, generate_series(0, ?)")) {
            insert.setLong(1, id);
            insert.setInt(2, parts - 1);
            insert.executeUpdate();
        }
    }

    void write(Connection connection, int part) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setLong(1, id);
            insert.setInt(2, part);
            insert.executeUpdate();
        }
    }

    /**
     * Writes all parts with one statement that commits by itself. If the connection is lost meanwhile, that is no
     * COMMIT that the product could see, and nobody can say what became of it.
     */
    void writeAndCommit(Connection connection) throws SQLException {
        try {
            writeInOne(connection);
            acknowledged();
        } catch (LeaseReleasedException e) {
            throw e; // before it reached the session
        } catch (SQLException e) {
            if (isConnectionLoss(e)) {
                unknown();
            }
            throw e;
        }
    }

    static boolean isConnectionLoss(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P");
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Has the server refuse something, and goes on as if nothing had happened. */
    static void fail(Connection connection) throws SQLException {
        try {
            execute(connection, "SELECT 1 / 0");
        } catch (SQLException e) {
            if (!"22012".equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
