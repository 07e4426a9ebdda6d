package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import io.github.pgmanaged.ManagedConnection;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a cell's threads were told of their operations, each of which inserts its ID.
 *
 * <p>Thread safety: safe.
 */
final class Operations {
    private enum Told {
        COMMITTED,
        NOT_COMMITTED,
        UNKNOWN
    }

    private static final AtomicLong IDS = new AtomicLong();

    private final Map<Long, Told> told = new ConcurrentHashMap<>();

    private final Map<Long, CommitOutcomeUnknownException> unknown = new ConcurrentHashMap<>();

    static long next() {
        return IDS.incrementAndGet();
    }

    void committed(long id) {
        told.put(id, Told.COMMITTED);
    }

    void notCommitted(long id) {
        told.put(id, Told.NOT_COMMITTED);
    }

    void unknown(long id, CommitOutcomeUnknownException error) {
        told.put(id, Told.UNKNOWN);
        unknown.put(id, error);
    }

    /** Asks what became of those that are unknown, when their sessions have ended. */
    void settle(ManagedConnection manager, boolean crashed) throws SQLException {
        for (Map.Entry<Long, CommitOutcomeUnknownException> operation : unknown.entrySet()) {
            CommitOutcome outcome = manager.outcomeOf(operation.getValue());
            switch (outcome) {
                case COMMITTED -> committed(operation.getKey());
                case ROLLED_BACK -> notCommitted(operation.getKey());
                case IN_PROGRESS, UNKNOWN ->
                    assertThat(crashed).as("it can be said: " + outcome).isTrue();
            }
        }
    }

    private List<Long> all(Told what) {
        return told.entrySet().stream()
                .filter(operation -> operation.getValue() == what)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Acknowledged is there once, unknown once or not, and nothing else is there. */
    void check(Connection server) throws SQLException {
        List<Long> there = new ArrayList<>();
        try (Statement statement = server.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM operation")) {
            while (rows.next()) {
                there.add(rows.getLong(1));
            }
        }
        assertThat(there).as("what is there").doesNotHaveDuplicates().containsAll(all(Told.COMMITTED));
        there.removeAll(all(Told.COMMITTED));
        assertThat(all(Told.UNKNOWN))
                .as("what is there without having been acknowledged")
                .containsAll(there);
    }
}
