package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/** Taking the connection and giving it back, with nothing between. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class BorrowBenchmark {
    /** A lease in which nothing is done. */
    @Benchmark
    public Connection nothing(DeskState state) throws SQLException {
        Desk desk = state.desk();
        Connection connection = desk.take();
        desk.giveBack(connection);
        return connection;
    }
}
