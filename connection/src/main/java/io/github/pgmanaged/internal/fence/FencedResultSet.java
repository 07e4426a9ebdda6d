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
        harmless = "close",
        byHand = {"isClosed", "getStatement"})
class FencedResultSet extends ForwardingResultSet {
    /** Whose result this is; found out when it is asked for, where the driver made the statement on its own. */
    private @Nullable Statement statement;

    private @Nullable FencedResultSetMetaData metaData;

    /**
     * Null if getters may ask the server: that is decided when the driver has made this, whose doings depend on the
     * settings of then. Which columns are plain is found out when the first object is asked for. Two threads may do so,
     * and find the same.
     */
    private @Nullable PlainColumns columns;

    FencedResultSet(Fence fence, ResultSet delegate, @Nullable FencedStatement statement) {
        super(fence, delegate);
        this.statement = statement;
        this.columns = fence.isLocal() && !fence.log().hasEscaped() ? PlainColumns.UNKNOWN : null;
    }

    @Override
    boolean isLocal() {
        return columns != null;
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
        return isLocal() ? getObject(findColumn(label)) : super.getObject(label);
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
        return isLocal() ? getObject(findColumn(label), type) : super.getObject(label, type);
    }

    /** Whether an object of a column is made of what is in memory, and needs no fence. */
    private boolean isPlain(int column) throws SQLException {
        PlainColumns known = columns;
        if (known == null) {
            return false;
        }
        fence.check();
        if (known == PlainColumns.UNKNOWN) {
            try {
                known = PlainColumns.of(delegate);
            } catch (SQLException e) {
                throw fence.failed(e);
            }
            columns = known;
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
