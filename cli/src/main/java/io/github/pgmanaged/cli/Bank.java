package io.github.pgmanaged.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;

/** Accounts and transfers in a schema of their own, which closing drops. */
final class Bank implements AutoCloseable {
    static final int ACCOUNTS = 100;
    static final long OPENING_BALANCE = 1000;
    private static final int ROWS_AT_ONCE = 5000;

    private final DataSource plain;
    private final String schema;
    private boolean closed; // guarded by this: a shutdown hook may close, too

    Bank(DataSource plain, String schema) {
        this.plain = plain;
        this.schema = schema;
    }

    /**
     * What is in the database.
     *
     * @param balances by account
     */
    record Books(Map<Integer, Long> balances, List<Transfer> transfers) {}

    /**
     * Creates everything, or nothing.
     *
     * @throws SQLException in words of its own if the user may not, or the server is read-only
     */
    synchronized void found() throws SQLException {
        if (closed) {
            throw new SQLException("interrupted before anything was created", "57014");
        }
        boolean connected = false;
        try (Connection connection = plain.getConnection();
                Statement statement = connection.createStatement()) {
            connected = true;
            connection.setAutoCommit(false);
            statement.execute("CREATE SCHEMA " + schema);
            statement.execute("CREATE TABLE " + schema + ".accounts (id int PRIMARY KEY, balance bigint NOT NULL)");
            statement.execute("CREATE TABLE " + schema + ".transfers (id bigint PRIMARY KEY, from_account int NOT NULL,"
                    + " to_account int NOT NULL, amount bigint NOT NULL)");
            statement.execute("INSERT INTO " + schema + ".accounts SELECT n, " + OPENING_BALANCE
                    + " FROM generate_series(0, " + (ACCOUNTS - 1) + ") AS n");
            connection.commit();
        } catch (SQLException e) {
            closed = !connected || !LostSession.is(e); // else a COMMIT may have been lost: close() looks
            throw refusal(e);
        }
    }

    private static SQLException refusal(SQLException e) {
        if ("42501".equals(e.getSQLState())) {
            return new SQLException(
                    "The user may not create a schema in this database, and nothing was created: " + e.getMessage()
                            + ". GRANT CREATE ON DATABASE allows it.",
                    e.getSQLState(),
                    e);
        }
        if ("25006".equals(e.getSQLState())) {
            return new SQLException(
                    "The server is read-only (a standby, or default_transaction_read_only), and nothing was created: "
                            + e.getMessage() + ". target_session_attrs=read-write finds one that is not.",
                    e.getSQLState(),
                    e);
        }
        return e;
    }

    /** Moves money; whoever owns the connection commits. */
    void move(Connection connection, Transfer transfer) throws SQLException {
        try (PreparedStatement entry = prepareEntry(connection, transfer)) {
            entry.executeUpdate();
        }
        // In the accounts' order, so that two transfers on two connections cannot block each other.
        if (transfer.from() < transfer.to()) {
            add(connection, transfer.from(), -transfer.amount());
            add(connection, transfer.to(), transfer.amount());
        } else {
            add(connection, transfer.to(), transfer.amount());
            add(connection, transfer.from(), -transfer.amount());
        }
    }

    /** The statement that writes a transfer down, not yet executed. */
    PreparedStatement prepareEntry(Connection connection, Transfer transfer) throws SQLException {
        PreparedStatement entry =
                connection.prepareStatement("INSERT INTO " + schema + ".transfers VALUES (?, ?, ?, ?)");
        entry.setLong(1, transfer.id());
        entry.setInt(2, transfer.from());
        entry.setInt(3, transfer.to());
        entry.setLong(4, transfer.amount());
        return entry;
    }

    private void add(Connection connection, int account, long amount) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE " + schema + ".accounts SET balance = balance + ? WHERE id = ?")) {
            update.setLong(1, amount);
            update.setInt(2, account);
            update.executeUpdate();
        }
    }

    /** Reads everything, past the manager. */
    Books books() throws SQLException {
        return Patience.retry(this::readBooks);
    }

    private Books readBooks() throws SQLException {
        try (Connection connection = plain.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setFetchSize(ROWS_AT_ONCE);
            Map<Integer, Long> balances = new TreeMap<>();
            try (ResultSet rows = statement.executeQuery("SELECT id, balance FROM " + schema + ".accounts")) {
                while (rows.next()) {
                    balances.put(rows.getInt(1), rows.getLong(2));
                }
            }
            List<Transfer> transfers = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "SELECT id, from_account, to_account, amount FROM " + schema + ".transfers")) {
                while (rows.next()) {
                    transfers.add(new Transfer(rows.getLong(1), rows.getInt(2), rows.getInt(3), rows.getLong(4)));
                }
            }
            connection.rollback();
            return new Books(balances, transfers);
        }
    }

    /** Drops the schema. A server that is away is waited for, since it may just restart. */
    @Override
    public synchronized void close() throws SQLException {
        if (closed) {
            return;
        }
        try {
            Patience.retry(this::drop);
            closed = true;
        } catch (SQLException e) {
            throw new SQLException(
                    "The schema " + schema + " could not be dropped: " + e.getMessage() + ". By hand: DROP SCHEMA "
                            + schema + " CASCADE",
                    e);
        }
    }

    private boolean drop() throws SQLException {
        try (Connection connection = plain.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET client_min_messages = warning");
            statement.execute("SET lock_timeout = '10s'");
            statement.execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
            return true;
        }
    }
}
