package io.github.pgmanaged.benchmarks;

import java.io.IOException;
import java.io.Reader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the handles of a lease add to the driver's. The result is in the driver's memory, so that a getter is all that
 * is measured; {@link #statement} goes to the server.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class HandleBenchmark {
    /** How many characters are read one by one. */
    private static final int CHARACTERS = 1_000;

    private DeskState state;
    private Connection connection;
    private ResultSet row;

    /** Takes the connection, and asks for a row. */
    @Setup(Level.Trial)
    @SuppressWarnings("MustBeClosedChecker")
    public void open(DeskState desk) throws Exception {
        state = desk;
        connection = desk.take();
        row = connection
                .createStatement()
                .executeQuery("select 42, 4200000000, 'a text', repeat('x', " + CHARACTERS + ")");
        row.next();
    }

    /** Gives it back. */
    @TearDown(Level.Trial)
    public void close() throws SQLException {
        connection.rollback();
        state.desk().giveBack(connection);
    }

    /** An int. */
    @Benchmark
    public int getInt() throws SQLException {
        return row.getInt(1);
    }

    /** A long. */
    @Benchmark
    public long getLong() throws SQLException {
        return row.getLong(2);
    }

    /** A string. */
    @Benchmark
    public String getString() throws SQLException {
        return row.getString(3);
    }

    /** A thousand characters, one by one. */
    @Benchmark
    public int readerRead() throws SQLException, IOException {
        int sum = 0;
        try (Reader reader = row.getCharacterStream(4)) {
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                sum += c;
            }
        }
        return sum;
    }

    /** Creates a statement, executes it, closes it. */
    @Benchmark
    public int statement() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select 1")) {
            result.next();
            return result.getInt(1);
        }
    }
}
