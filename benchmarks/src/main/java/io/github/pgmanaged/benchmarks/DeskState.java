package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.contenders.Contender.Desk;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import java.sql.Connection;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A contender on a real server, over its Unix-domain socket. */
@State(Scope.Benchmark)
public class DeskState {
    /** Its name. */
    @Param({"pgmanaged", "HikariCP", "Agroal", "commons-dbcp2", "Vibur", "Tomcat JDBC", "c3p0"})
    public String contender = Contenders.OURS;

    private BenchServer server;
    private Desk desk;

    /** Opens it. */
    @Setup(Level.Trial)
    public void open() throws Exception {
        server = BenchServer.find();
        desk = Contenders.named(contender).open(server.socket());
    }

    /** Closes it. */
    @TearDown(Level.Trial)
    public void close() throws Exception {
        desk.close();
        server.close();
    }

    /** Where the connection is taken. */
    Desk desk() {
        return desk;
    }

    /** Takes the connection for all of a benchmark. */
    Connection take() throws Exception {
        return desk.take();
    }
}
