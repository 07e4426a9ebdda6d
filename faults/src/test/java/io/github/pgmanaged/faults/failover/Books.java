package io.github.pgmanaged.faults.failover;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Compares what writers were told with what a server has. */
public final class Books {
    private Books() {}

    /** Acknowledged is there once, failed is not there, unknown is there once or not. */
    public static void balance(Writers writers, Connection server) throws SQLException {
        List<Long> there = new ArrayList<>();
        try (Statement statement = server.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM written")) {
            while (rows.next()) {
                there.add(rows.getLong(1));
            }
        }
        assertThat(there).as("what is there").doesNotHaveDuplicates().containsAll(writers.acknowledged());
        there.removeAll(writers.acknowledged());
        assertThat(writers.unknown())
                .as("what is there without having been acknowledged")
                .containsAll(there);
    }
}
