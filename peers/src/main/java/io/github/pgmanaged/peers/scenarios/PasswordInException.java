package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.LabTarget;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an exception shows. */
public final class PasswordInException extends Scenario {
    /** A new one. */
    public PasswordInException() {
        super(
                Subject.SECRETS,
                "in exceptions",
                "A thread borrows from a database that does not exist, with the password once as the"
                        + " library wants it and once in the JDBC URL. Messages, causes and stack traces are"
                        + " searched.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        String said = "";
        for (LabTarget target : List.of(stage.target(), stage.target().withPasswordInUrl())) {
            Attempt<Connection> borrower = Attempt.begin(
                    "borrower",
                    () -> stage.open(target.withoutDatabase()).lender().borrow());
            if (!borrower.endsWithin(Stage.LIMIT)) {
                return Outcome.BLOCKED.because("there was no exception for ten seconds");
            }
            @Nullable Throwable error = borrower.error();
            if (error == null) {
                throw new IllegalStateException("There must be no such database");
            }
            if (Said.all(error).contains(target.password())) {
                return Outcome.PASSWORD_SHOWN.because("in " + Said.by(error));
            }
            said = "not in " + Said.by(error);
        }
        return Outcome.SILENT.because(said);
    }
}
