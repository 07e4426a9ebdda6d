package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.CommitOutcome;
import io.github.pgmanaged.CommitOutcomeUnknownException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What was said of each operation, kept outside the database. Thread safety: safe. */
final class Ledger {
    /**
     * An operation.
     *
     * @param parts how many rows it writes, all in one transaction
     * @param verdict what the server said later of its transaction; UNKNOWN if nothing, or if it was not asked
     * @param story where it was done, and how it ended, for messages
     */
    record Entry(int parts, Said said, CommitOutcome verdict, String story) {
        Entry with(CommitOutcome asked) {
            return new Entry(parts, said, asked, story);
        }
    }

    /** An operation whose outcome can be asked for later. */
    record Open(long id, Desk desk, CommitOutcomeUnknownException unknown) {}

    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();
    private final Map<Long, Open> open = new ConcurrentHashMap<>();

    void enter(long id, Entry entry) {
        if (entries.put(id, entry) != null) {
            throw new IllegalStateException("operation " + id + " was entered twice");
        }
    }

    void askLater(Open question) {
        open.put(question.id(), question);
    }

    void verdict(long id, CommitOutcome outcome) {
        entries.computeIfPresent(id, (same, entry) -> entry.with(outcome));
    }

    Map<Long, Open> open() {
        return open;
    }

    Map<Long, Entry> entries() {
        return entries;
    }

    long count(Said said) {
        return entries.values().stream().filter(entry -> entry.said() == said).count();
    }
}
