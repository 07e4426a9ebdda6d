package io.github.pgmanaged.internal.fence;

import java.sql.ResultSetMetaData;
import org.postgresql.PGResultSetMetaData;

@Forwards(
        value = ResultSetMetaData.class,
        also = PGResultSetMetaData.class,
        local = {"getColumnCount", "getColumnLabel", "getColumnName"})
final class FencedResultSetMetaData extends ForwardingResultSetMetaData {
    FencedResultSetMetaData(Fence fence, ResultSetMetaData delegate) {
        super(fence, delegate);
    }
}
