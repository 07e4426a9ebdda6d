package io.github.pgmanaged.internal.fence;

import java.sql.SQLException;
import org.postgresql.copy.CopyIn;

@Forwards(
        value = CopyIn.class,
        harmless = {"cancelCopy", "isActive"},
        byHand = "endCopy")
final class FencedCopyIn extends ForwardingCopyIn {
    private final String sql;

    FencedCopyIn(Fence fence, CopyIn delegate, String sql) {
        super(fence, delegate);
        this.sql = sql;
    }

    /** Under autocommit this commits. */
    @Override
    public long endCopy() throws SQLException {
        return fence.<Long, RuntimeException>execute(sql, delegate::endCopy);
    }
}
