package io.github.pgmanaged.cli;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;

/** The same good turns at the shared connection and with a connection per use, in rounds by turns. */
final class Comparison {
    static final Duration ROUND = Duration.ofMillis(500);
    private static final int MOST_CONNECTIONS = 16;

    private final Measure shared = new Measure();
    private final Measure perUse = new Measure();
    private final LongAdder opened = new LongAdder();
    private final Bank bank;
    private final Ledger ledger;
    private final DataSource plain;
    private final int connections;
    private final Semaphore permits;

    /**
     * Nothing is measured yet.
     *
     * @param threads threads that want a connection
     * @param freeConnections what the server has left; half of it is not ours to take
     */
    Comparison(Bank bank, Ledger ledger, DataSource plain, int threads, int freeConnections) {
        this.bank = bank;
        this.ledger = ledger;
        this.plain = plain;
        this.connections = Math.max(1, Math.min(Math.min(threads, MOST_CONNECTIONS), freeConnections / 2));
        this.permits = new Semaphore(connections, true);
    }

    /**
     * Measures; the first round of each way is not counted.
     *
     * @param time for each way
     */
    void run(
            Duration time,
            Crowd crowd,
            IntFunction<Citizen> citizens,
            IntFunction<RandomGenerator> randoms,
            Crowd.Watcher watcher)
            throws InterruptedException, SQLException {
        long rounds = Math.max(1, time.toMillis() / ROUND.toMillis());
        round(crowd, citizens, randoms, new Measure(), new Measure(), watcher);
        opened.reset();
        for (int i = 0; i < rounds; i++) {
            round(crowd, citizens, randoms, shared, perUse, watcher);
        }
    }

    private void round(
            Crowd crowd,
            IntFunction<Citizen> citizens,
            IntFunction<RandomGenerator> randoms,
            Measure toShared,
            Measure toPerUse,
            Crowd.Watcher watcher)
            throws InterruptedException, SQLException {
        toShared.addTime(crowd.work(
                ROUND,
                number -> {
                    Citizen citizen = citizens.apply(number);
                    return () -> toShared.take(citizen::takeGoodTurn);
                },
                watcher));
        toPerUse.addTime(crowd.work(
                ROUND,
                number -> {
                    RandomGenerator random = randoms.apply(number);
                    return () -> toPerUse.take(() -> moveOnConnectionOfItsOwn(ledger.draw(random)));
                },
                watcher));
    }

    private boolean moveOnConnectionOfItsOwn(Transfer transfer) {
        Ledger.Outcome outcome = Ledger.Outcome.ABANDONED;
        permits.acquireUninterruptibly();
        try (Connection connection = plain.getConnection()) {
            opened.increment();
            connection.setAutoCommit(false);
            bank.move(connection, transfer);
            outcome = Ledger.Outcome.UNKNOWN; // until COMMIT is answered
            connection.commit();
            outcome = Ledger.Outcome.ACKNOWLEDGED;
        } catch (SQLException e) {
            return false; // counted, and reported
        } finally {
            permits.release();
            ledger.enter(transfer, outcome);
        }
        return true;
    }

    Measure shared() {
        return shared;
    }

    Measure perUse() {
        return perUse;
    }

    /** Connections at the same time, at most. */
    int connections() {
        return connections;
    }

    /** Connections opened in the rounds that count. */
    long opened() {
        return opened.sum();
    }
}
