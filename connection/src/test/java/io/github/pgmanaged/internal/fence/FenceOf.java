package io.github.pgmanaged.internal.fence;

import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;

/** A lease that no manager has given out. */
final class FenceOf {
    private static final FencedConnection.Releaser NOBODY = new FencedConnection.Releaser() {
        @Override
        public void release(FencedConnection lease, Throwable thrown, boolean workSeen) throws SQLException {}

        @Override
        public long since() {
            return 0;
        }

        @Override
        public Thread owner() {
            return Thread.currentThread();
        }

        @Override
        public void sessionLost(FencedConnection lease) {}
    };

    private FenceOf() {}

    static Fence session(PgConnection driver) {
        return new FencedConnection().begin(SessionContext.of("gate", driver, driver), NOBODY, false);
    }
}
