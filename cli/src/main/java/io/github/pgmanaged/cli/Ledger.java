package io.github.pgmanaged.cli;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** What the clients know of their transfers, kept outside the database. Thread safety: safe. */
final class Ledger {
    private static final int HIGHEST_AMOUNT = 20;

    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Entry> entries = new ConcurrentHashMap<>();

    /** How a transfer ended, as its client was told. */
    enum Outcome {
        /** COMMIT succeeded. */
        ACKNOWLEDGED,
        /** It was rolled back, or never got as far as COMMIT. */
        ABANDONED,
        /** The connection was lost while COMMIT was under way. */
        UNKNOWN
    }

    /** A transfer and how it ended. */
    record Entry(Transfer transfer, Outcome outcome) {}

    /** A new transfer between two different accounts. */
    Transfer draw(RandomGenerator random) {
        int from = random.nextInt(Bank.ACCOUNTS);
        int to = (from + 1 + random.nextInt(Bank.ACCOUNTS - 1)) % Bank.ACCOUNTS;
        return new Transfer(ids.incrementAndGet(), from, to, 1 + random.nextInt(HIGHEST_AMOUNT));
    }

    void enter(Transfer transfer, Outcome outcome) {
        entries.put(transfer.id(), new Entry(transfer, outcome));
    }

    /** By the transfer's id. */
    Map<Long, Entry> entries() {
        return entries;
    }

    long count(Outcome outcome) {
        return entries.values().stream()
                .filter(entry -> entry.outcome() == outcome)
                .count();
    }
}
