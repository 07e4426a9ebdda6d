package io.github.pgmanaged.cli;

import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The server that the tests of this module share; it goes when the JVM ends. */
final class TestServer {
    private static final String CONNINFO = find();

    private TestServer() {}

    /** A connection URI of a superuser. */
    static String conninfo() {
        return CONNINFO;
    }

    private static String find() {
        String given = System.getenv().getOrDefault("PGMANAGED_TEST_CONNINFO", "");
        try {
            return given.isEmpty() ? EmbeddedServer.start().conninfo() : given;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
