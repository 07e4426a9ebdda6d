package io.github.pgmanaged.internal.fence;

import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import org.jspecify.annotations.Nullable;

@Forwards(
        value = PreparedStatement.class,
        onTopOf = FencedStatement.class,
        local = {
            "addBatch",
            "clearParameters",
            "setBigDecimal",
            "setBoolean",
            "setByte",
            "setBytes",
            "setDate",
            "setDouble",
            "setFloat",
            "setInt",
            "setLong",
            "setShort",
            "setString",
            "setTime",
            "setTimestamp"
        })
class FencedPreparedStatement extends ForwardingPreparedStatement {
    private final String sql;

    private @Nullable FencedResultSetMetaData metaData;

    FencedPreparedStatement(Fence fence, PreparedStatement delegate, String sql) {
        super(fence, delegate);
        this.sql = sql;
    }

    @Override
    String sql() {
        return sql;
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
