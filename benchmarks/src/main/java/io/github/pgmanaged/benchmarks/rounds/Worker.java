package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import java.sql.Connection;
import java.sql.SQLException;

/** One of the threads: takes the connection, uses it, gives it back, until the round is over. */
final class Worker implements Runnable {
    private final Desk desk;
    private final Work work;
    private final Window window;
    /** Spreads the slow leases over the threads, in the same way for each contender. */
    private long turn;
    /** Its own; read after its end. */
    private long leases;

    Worker(Desk desk, Work work, Window window, int number) {
        this.desk = desk;
        this.work = work;
        this.window = window;
        this.turn = number * 37L;
    }

    long leases() {
        return leases;
    }

    @Override
    public void run() {
        try {
            window.awaitStart();
            while (!window.isOver()) {
                turn++;
                long begun = System.nanoTime();
                lease();
                if (window.note(begun, System.nanoTime())) {
                    leases++;
                }
                work.between();
            }
        } catch (SQLException | InterruptedException | RuntimeException e) {
            window.fail(e);
        }
    }

    private void lease() throws SQLException {
        Connection connection = desk.take();
        try {
            work.use(connection, turn);
        } finally {
            desk.giveBack(connection);
        }
    }
}
