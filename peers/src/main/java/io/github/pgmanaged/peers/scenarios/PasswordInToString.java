package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import io.github.pgmanaged.peers.Target;
import java.sql.Connection;

/** What a debugger or a log line shows. */
public final class PasswordInToString extends Scenario {
    /** A new one. */
    public PasswordInToString() {
        super(
                Subject.SECRETS,
                "in toString()",
                "The password is given as the library wants it. toString() of the pool and of a connection is searched.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        return of(stage, stage.target());
    }

    /** Looks. */
    static Observation of(Stage stage, Target target) throws Exception {
        Pool opened = stage.open(target);
        Connection connection = opened.lender().borrow();
        try {
            String pool = opened.self().toString();
            String secret = target.password();
            if (pool.contains(secret)) {
                return Outcome.PASSWORD_SHOWN.because("in the pool's");
            }
            return connection.toString().contains(secret)
                    ? Outcome.PASSWORD_SHOWN.because("in the connection's")
                    : Outcome.SILENT.because("neither in the pool's nor in the connection's");
        } finally {
            Stage.close(connection);
        }
    }
}
