package io.github.pgmanaged.internal.fence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

@Forwards(
        value = Statement.class,
        also = PGStatement.class,
        byHand = {"close", "isClosed", "getConnection"})
class FencedStatement extends ForwardingStatement {
    /** What the driver's latest result set is to the caller: asked for twice, it is the same object. */
    private @Nullable FencedResultSet latest;

    private @Nullable String batch;

    FencedStatement(Fence fence, Statement delegate) {
        super(fence, delegate);
        fence.handles().add(delegate);
    }

    @Override
    @Nullable
    String sql() {
        return batch;
    }

    @Override
    public void addBatch(String sql) throws SQLException {
        super.addBatch(sql);
        fence.sends(sql);
        if (batch == null) {
            batch = sql;
        }
    }

    @Override
    public void clearBatch() throws SQLException {
        super.clearBatch();
        batch = null;
    }

    @Override
    @Nullable
    ResultSet fenced(@Nullable ResultSet raw) {
        if (raw == null) {
            return null;
        }
        FencedResultSet known = latest;
        if (known == null || known.delegate != raw) {
            latest = known = new FencedResultSet(fence, raw, this);
        }
        return known;
    }

    @Override
    public Connection getConnection() throws SQLException {
        fence.check();
        return fence.lease();
    }

    @Override
    public void close() throws SQLException {
        fence.close("Statement.close", () -> {
            delegate().close();
            fence.handles().remove(delegate());
        });
    }

    @Override
    public boolean isClosed() throws SQLException {
        return fence.gate().isShut() || delegate().isClosed();
    }
}
