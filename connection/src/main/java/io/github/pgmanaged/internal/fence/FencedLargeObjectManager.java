package io.github.pgmanaged.internal.fence;

import java.sql.SQLException;
import org.postgresql.core.BaseConnection;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Large objects behind the fence. All of pgjdbc's methods lead to the four below. To make one costs a look into the
 * server's catalog, once a lease.
 */
final class FencedLargeObjectManager extends LargeObjectManager {
    private final Fence fence;
    private final BaseConnection driver;

    FencedLargeObjectManager(Fence fence, BaseConnection driver) throws SQLException {
        super(driver);
        this.fence = fence;
        this.driver = driver;
    }

    @Override
    public LargeObject open(long oid, int mode, boolean commitOnClose) throws SQLException {
        return fence.call("LargeObjectManager.open", () -> {
            if (driver.getAutoCommit()) {
                throw new PSQLException(
                        "Large objects need a transaction: turn autocommit off.", PSQLState.NO_ACTIVE_SQL_TRANSACTION);
            }
            return new FencedLargeObject(fence, driver, oid, mode, commitOnClose);
        });
    }

    @Override
    public long createLO(int mode) throws SQLException {
        return fence.call("LargeObjectManager.createLO", () -> super.createLO(mode));
    }

    @Override
    public void delete(long oid) throws SQLException {
        fence.execute("LargeObjectManager.delete", () -> {
            super.delete(oid);
            return true;
        });
    }

    @Override
    public void unlink(long oid) throws SQLException {
        fence.execute("LargeObjectManager.unlink", () -> {
            super.unlink(oid);
            return true;
        });
    }
}
