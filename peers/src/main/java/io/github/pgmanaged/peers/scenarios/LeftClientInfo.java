package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;

/** JDBC's client info. */
public final class LeftClientInfo extends Scenario {
    /** A new one. */
    public LeftClientInfo() {
        super(Subject.LEFT_BEHIND, "client info", "A borrower calls setClientInfo(\"ApplicationName\", \"left\").");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return Inheritance.of(
                stage,
                connection -> connection.setClientInfo("ApplicationName", "left"),
                connection -> Inheritance.answer(connection, "SHOW application_name"));
    }
}
