package io.github.pgmanaged.conninfo;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests that have a server for all of the class. */
abstract class OnRealServer {
    static RealServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RealServer.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }
}
