package io.github.pgmanaged.internal.fence;

import java.sql.PreparedStatement;

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

    FencedPreparedStatement(Fence fence, PreparedStatement delegate, String sql) {
        super(fence, delegate);
        this.sql = sql;
    }

    @Override
    String sql() {
        return sql;
    }
}
