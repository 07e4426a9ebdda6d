package io.github.pgmanaged.faults.pgbouncer;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.Needs;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.programs.Program;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/** A server for each class, with an empty table for each test, which puts its own PgBouncer before it. */
@Timeout(60)
@Needs({Program.INITDB, Program.POSTGRES, Program.PSQL, Program.PGBOUNCER})
abstract class BehindPgBouncer {
    private static Home serverHome;
    static PostgresServer server;

    private Home home;

    @BeforeAll
    static void aServer() throws Exception {
        serverHome = Home.make();
        server = PostgresServer.start(serverHome, "server");
        server.execute("CREATE TABLE example (key text)");
    }

    @AfterAll
    static void noServer() throws Exception {
        serverHome.close();
    }

    @BeforeEach
    void anEmptyTable() throws Exception {
        home = Home.make();
        server.execute("TRUNCATE example");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        home.close();
    }

    /** A PgBouncer of the test's own. */
    PgBouncer bouncer(PgBouncer.Mode mode, String... settings) throws Exception {
        return PgBouncer.start(home, server, mode, settings);
    }

    <T extends AutoCloseable> T closing(T closeable) {
        return home.closing(closeable);
    }

    /** A manager as both modes bear it: without prepared statements on the server. */
    static ManagedConnection.Builder builder(PgBouncer bouncer) {
        return ManagedConnection.builder(bouncer.conninfo())
                .onOpen(session -> session.unwrap(PGConnection.class).setPrepareThreshold(0));
    }

    static String rows() throws Exception {
        return server.ask("SELECT count(*) FROM example");
    }
}
