package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What a lease costs, and what the options add to it, on a real server next door. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LeaseBenchmark {
    private EmbeddedServer server;
    private ManagedConnection standard;
    private ManagedConnection full;
    private ManagedConnection verifying;

    /** Starts the server. */
    @Setup
    public void start() throws IOException {
        server = EmbeddedServer.start();
        standard = ManagedConnection.of(server.conninfo());
        full = ManagedConnection.builder(server.conninfo())
                .sessionReset(SessionReset.FULL)
                .build();
        verifying =
                ManagedConnection.builder(server.conninfo()).verifyCommits(true).build();
    }

    /** Stops it. */
    @TearDown
    public void stop() throws IOException {
        standard.close();
        full.close();
        verifying.close();
        server.close();
    }

    /** Entering and leaving. */
    @Benchmark
    public void nothing() throws SQLException {
        standard.acquire().close();
    }

    /** BEGIN, a query, COMMIT. */
    @Benchmark
    public int transaction() throws SQLException {
        return standard.inTransaction(LeaseBenchmark::ask);
    }

    /** The same with {@code sessionReset(FULL)}. */
    @Benchmark
    public int transactionAndFullReset() throws SQLException {
        return full.inTransaction(LeaseBenchmark::ask);
    }

    /** The same with {@code verifyCommits}. */
    @Benchmark
    public int verifiedTransaction() throws SQLException {
        return verifying.inTransaction(LeaseBenchmark::ask);
    }

    private static int ask(Lease lease) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement("SELECT 42");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }
}
