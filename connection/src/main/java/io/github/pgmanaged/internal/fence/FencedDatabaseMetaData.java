package io.github.pgmanaged.internal.fence;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

@Forwards(value = DatabaseMetaData.class, byHand = "getConnection")
final class FencedDatabaseMetaData extends ForwardingDatabaseMetaData {
    FencedDatabaseMetaData(Fence fence, DatabaseMetaData delegate) {
        super(fence, delegate);
    }

    @Override
    public Connection getConnection() throws SQLException {
        fence.check();
        return fence.lease();
    }
}
