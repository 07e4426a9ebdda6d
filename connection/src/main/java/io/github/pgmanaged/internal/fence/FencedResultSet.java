package io.github.pgmanaged.internal.fence;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGRefCursorResultSet;

@Forwards(
        value = ResultSet.class,
        also = PGRefCursorResultSet.class,
        local = {
            "findColumn",
            "getBigDecimal",
            "getBoolean",
            "getByte",
            "getBytes",
            "getDate",
            "getDouble",
            "getFloat",
            "getInt",
            "getLong",
            "getRow",
            "getShort",
            "getString",
            "getTime",
            "getTimestamp",
            "wasNull"
        },
        byHand = {"close", "isClosed", "getStatement"})
final class FencedResultSet extends ForwardingResultSet {
    /** Whose result this is; found out when it is asked for, where the driver made the statement on its own. */
    private @Nullable Statement statement;

    private @Nullable FencedResultSetMetaData metaData;

    /** Only if the driver made the statement on its own: else the statement's closing closes this. */
    private final OpenHandles.@Nullable Entry entry;

    /** Decided when the driver has made it: what it does depends on the settings of then. */
    private final boolean local;

    FencedResultSet(Fence fence, ResultSet delegate, @Nullable FencedStatement statement) {
        super(fence, delegate);
        this.statement = statement;
        this.local = fence.isLocal() && !fence.log().hasEscaped();
        this.entry = statement == null ? fence.handles().add(delegate) : null;
    }

    @Override
    boolean isLocal() {
        return local;
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        if (statement == null) {
            fence.run("ResultSet.getStatement", () -> statement = fenced(delegate.getStatement()));
        }
        fence.check();
        return statement;
    }

    @Override
    public void close() throws SQLException {
        fence.close("ResultSet.close", () -> {
            delegate.close();
            if (entry != null) {
                entry.closed();
            }
        });
    }

    @Override
    public boolean isClosed() throws SQLException {
        return fence.gate().isShut() || delegate.isClosed();
    }

    @Override
    @Nullable
    ResultSetMetaData fenced(@Nullable ResultSetMetaData raw) {
        if (raw != null && !isOf(metaData, raw)) {
            metaData = new FencedResultSetMetaData(fence, raw);
        }
        return raw == null ? null : metaData;
    }
}
