package io.github.pgmanaged.benchmarks;

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

/** Reads a million rows of ten columns through getters, 10,000 rows a fetch. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2)
@Measurement(iterations = 3)
public class RowsBenchmark {
    private static final int ROWS = 1_000_000;
    private static final int FETCH = 10_000;

    private DeskState state;
    private Connection connection;

    /** Makes the table; it is the connection's own. */
    @Setup(Level.Trial)
    public void open(DeskState desk) throws Exception {
        state = desk;
        connection = desk.take();
        try (Statement statement = connection.createStatement()) {
            statement.execute("create temporary table many as select i as a, i + 1 as b, i * 2::bigint as c,"
                    + " 'text ' || i as d, i % 7 = 0 as e, i / 3.0::float8 as f, i + 2 as g, 'short' as h,"
                    + " i - 1 as j, i * 3::bigint as k from generate_series(1, " + ROWS + ") as i");
            statement.execute("analyze many");
        }
        connection.commit();
    }

    /** Gives it back. */
    @TearDown(Level.Trial)
    public void close() throws SQLException {
        connection.rollback();
        state.desk().giveBack(connection);
    }

    /** All rows. */
    @Benchmark
    public long rows() throws SQLException {
        long sum = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            try (ResultSet row = statement.executeQuery("select * from many")) {
                while (row.next()) {
                    sum += row.getInt(1)
                            + row.getInt(2)
                            + row.getLong(3)
                            + row.getString(4).length();
                    sum += (row.getBoolean(5) ? 1 : 0) + (long) row.getDouble(6) + row.getInt(7);
                    sum += row.getString(8).length() + row.getInt(9) + row.getLong(10);
                }
            }
        }
        connection.commit();
        return sum;
    }
}
