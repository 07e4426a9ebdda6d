package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Pool;
import io.github.pgmanaged.peers.Sql;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Target;
import java.sql.Connection;
import java.util.Set;

/** The short life of a pool: what is logged of it. */
final class Life {
    private Life() {}

    /** Opens a pool, works, closes it, and looks who has logged the password. */
    static Observation of(Stage stage, Target target) throws Exception {
        Pool pool = stage.open(target);
        Connection connection = pool.lender().borrow();
        Sql.run(connection, "SELECT 1");
        Sql.finish(connection);
        Stage.close(connection);
        pool.end().close();
        Set<String> loggers = stage.loggersThatWroteThePassword();
        if (loggers.isEmpty()) {
            return Outcome.SILENT.because("by no logger");
        }
        boolean driverAlone = loggers.stream().allMatch(logger -> logger.startsWith("org.postgresql."));
        return (driverAlone ? Outcome.DRIVER_WROTE_IT : Outcome.PASSWORD_SHOWN)
                .because("by " + String.join(", ", loggers));
    }
}
