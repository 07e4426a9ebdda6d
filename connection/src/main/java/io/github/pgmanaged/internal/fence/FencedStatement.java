package io.github.pgmanaged.internal.fence;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

@Forwards(
        value = Statement.class,
        also = PGStatement.class,
        harmless = "close",
        byHand = {"isClosed", "getConnection"})
class FencedStatement extends ForwardingStatement {
    /** What the driver's latest result set is to the caller: asked for twice, it is the same object. */
    private @Nullable FencedResultSet latest;

    /** The texts of the batch that is being made. */
    private @Nullable List<String> batch;

    private final OpenHandles.Entry entry;

    FencedStatement(Fence fence, Statement delegate) {
        super(fence, delegate);
        this.entry = fence.handles().add(delegate);
    }

    /** The first statement of the batch. */
    @Override
    @Nullable
    String sql() {
        List<String> texts = batch;
        if (texts == null) {
            return null;
        }
        for (String text : texts) {
            if (!SqlText.isEmpty(text)) {
                return text;
            }
        }
        return texts.get(0);
    }

    @Override
    @Nullable
    String script() {
        List<String> texts = batch;
        return texts == null ? sql() : String.join(";\n", texts);
    }

    @Override
    public void addBatch(String sql) throws SQLException {
        super.addBatch(sql);
        fence.sends(sql);
        if (batch == null) {
            batch = new ArrayList<>();
        }
        batch.add(sql);
    }

    @Override
    public void clearBatch() throws SQLException {
        super.clearBatch();
        batch = null;
    }

    /**
     * Whether a value may be cut short depends on its type, and the driver asks the catalog for those of others'
     * making.
     */
    @Override
    public void setMaxFieldSize(int max) throws SQLException {
        fence.isNoLongerLocal();
        super.setMaxFieldSize(max);
    }

    /** The driver forgets the batch, however it ends. */
    @Override
    public int[] executeBatch() throws SQLException {
        try {
            return super.executeBatch();
        } finally {
            batch = null;
        }
    }

    @Override
    public long[] executeLargeBatch() throws SQLException {
        try {
            return super.executeLargeBatch();
        } finally {
            batch = null;
        }
    }

    @Override
    @Nullable
    ResultSet fenced(@Nullable ResultSet raw) {
        if (raw == null) {
            return null;
        }
        if (!isOf(latest, raw)) {
            latest = new FencedResultSet(fence, raw, this);
        }
        return latest;
    }

    @Override
    public Connection getConnection() throws SQLException {
        fence.check();
        return fence.lease();
    }

    @Override
    public void close() throws SQLException {
        super.close();
        if (!fence.isShut()) { // else it may not have been closed here
            entry.closed();
        }
    }

    @Override
    public boolean isClosed() throws SQLException {
        return fence.gate().isShut() || delegate().isClosed();
    }
}
