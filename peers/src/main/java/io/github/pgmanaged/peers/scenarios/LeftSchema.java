package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** JDBC's schema. */
public final class LeftSchema extends Scenario {
    /** A new one. */
    public LeftSchema() {
        super(Subject.LEFT_BEHIND, "schema", "A borrower calls setSchema(\"pg_catalog\").");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> connection.setSchema("pg_catalog"),
                connection -> String.valueOf(connection.getSchema()));
    }
}
