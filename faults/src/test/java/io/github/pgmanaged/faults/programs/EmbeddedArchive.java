package io.github.pgmanaged.faults.programs;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** The PostgreSQL that comes as a dependency; it has initdb, pg_ctl and postgres, and nothing else. */
final class EmbeddedArchive {
    private static Path bin;

    private EmbeddedArchive() {}

    /** Where its programs are. The library that unpacks it tells nobody, so a server of it is asked. */
    static synchronized Path bin() throws IOException, SQLException {
        if (bin == null) {
            try (EmbeddedServer server = EmbeddedServer.start();
                    Connection connection = new LibpqDataSource(server.conninfo()).getConnection()) {
                bin = Path.of(Sql.ask(connection, "SELECT setting FROM pg_catalog.pg_config() WHERE name = 'BINDIR'"));
            }
        }
        return bin;
    }
}
