package io.github.pgmanaged.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What was said of each operation, to be compared with what is in the database. */
final class Books {
    static final String TABLE = "CREATE TABLE books (id bigint)";

    private final Set<Long> committed = ConcurrentHashMap.newKeySet();
    private final Set<Long> unknown = ConcurrentHashMap.newKeySet();
    private final Set<Long> failed = ConcurrentHashMap.newKeySet();

    static String insert(long id) {
        return "INSERT INTO books VALUES (" + id + ")";
    }

    void committed(long id) {
        committed.add(id);
    }

    /** Said to be either committed or not. */
    void unknown(long id) {
        unknown.add(id);
    }

    /** Said not to be committed. */
    void failed(long id) {
        failed.add(id);
    }

    int committed() {
        return committed.size();
    }

    int unknown() {
        return unknown.size();
    }

    int failed() {
        return failed.size();
    }

    /** Committed is there once, failed is not there, unknown is there once or not, and nothing else is there. */
    void balance(Connection server) throws SQLException {
        List<Long> there = new ArrayList<>();
        try (Statement statement = server.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id FROM books")) {
            while (rows.next()) {
                there.add(rows.getLong(1));
            }
        }
        assertThat(there).as("twice").doesNotHaveDuplicates();
        assertThat(there).as("said to be committed").containsAll(committed);
        assertThat(there).as("said not to be committed").noneMatch(failed::contains);
        there.removeAll(committed);
        assertThat(unknown).as("there, and nothing was said of it").containsAll(there);
    }
}
