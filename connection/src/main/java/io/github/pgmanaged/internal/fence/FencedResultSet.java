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

    /** Found out when the first object is asked for. Two threads may do so, and find the same. */
    private @Nullable PlainColumns plainColumns;

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
    public @Nullable Object getObject(int column) throws SQLException {
        if (!isPlain(column)) {
            return super.getObject(column);
        }
        try {
            return delegate.getObject(column);
        } catch (SQLException e) {
            throw fence.failed(e);
        }
    }

    @Override
    public @Nullable Object getObject(String label) throws SQLException {
        return local ? getObject(findColumn(label)) : super.getObject(label);
    }

    @Override
    public <T> @Nullable T getObject(int column, Class<T> type) throws SQLException {
        if (!PlainColumns.isPlain(type) || !isPlain(column)) {
            return super.getObject(column, type);
        }
        try {
            return delegate.getObject(column, type);
        } catch (SQLException e) {
            throw fence.failed(e);
        }
    }

    @Override
    public <T> @Nullable T getObject(String label, Class<T> type) throws SQLException {
        return local ? getObject(findColumn(label), type) : super.getObject(label, type);
    }

    /** Whether an object of a column is made of what is in memory, and needs no fence. */
    private boolean isPlain(int column) throws SQLException {
        if (!local) {
            return false;
        }
        fence.check();
        PlainColumns known = plainColumns;
        if (known == null) {
            try {
                known = PlainColumns.of(delegate);
            } catch (SQLException e) {
                throw fence.failed(e);
            }
            plainColumns = known;
        }
        return known.contains(column);
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
