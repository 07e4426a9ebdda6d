package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.CommitOutcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was said against what is. */
final class Audit {
    private Audit() {}

    /** What is there: for each operation how often each of its parts is. */
    static Map<Long, Map<Integer, Integer>> rows(Connection server) throws SQLException {
        Map<Long, Map<Integer, Integer>> rows = new HashMap<>();
        try (Statement statement = server.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, part FROM ledger")) {
            while (row.next()) {
                rows.computeIfAbsent(row.getLong(1), id -> new TreeMap<>()).merge(row.getInt(2), 1, Integer::sum);
            }
        }
        return rows;
    }

    /**
     * Compares.
     *
     * @return each untruth
     */
    static List<String> untruths(Map<Long, Ledger.Entry> said, Map<Long, Map<Integer, Integer>> rows) {
        List<String> untruths = new ArrayList<>();
        said.forEach((id, entry) -> {
            Map<Integer, Integer> there = rows.getOrDefault(id, Map.of());
            String wrong = wrong(entry, there, there.equals(onceEach(entry.parts())));
            if (!wrong.isEmpty()) {
                untruths.add("operation " + id + " (" + entry.story() + "): " + wrong + "; there is " + there);
            }
        });
        rows.forEach((id, there) -> {
            if (!said.containsKey(id)) {
                untruths.add("operation " + id + " is in the database, and nobody has heard of it: " + there);
            }
        });
        return untruths;
    }

    private static String wrong(Ledger.Entry entry, Map<Integer, Integer> there, boolean whole) {
        if (!whole && !there.isEmpty()) {
            return entry.said() + ", and it is there in part, or twice, or with what was taken back";
        }
        return switch (entry.said()) {
            case COMMITTED -> whole ? "" : "acknowledged, and it is not there";
            case NOT_COMMITTED -> whole ? "reported as not committed, and it is there" : "";
            case UNKNOWN ->
                entry.verdict() == CommitOutcome.COMMITTED && !whole
                        ? "the server said later that it was committed, and it is not there"
                        : entry.verdict() == CommitOutcome.ROLLED_BACK && whole
                                ? "the server said later that it was rolled back, and it is there"
                                : "";
        };
    }

    private static Map<Integer, Integer> onceEach(int parts) {
        Map<Integer, Integer> all = new HashMap<>();
        for (int part = 0; part < parts; part++) {
            all.put(part, 1);
        }
        return all;
    }
}
