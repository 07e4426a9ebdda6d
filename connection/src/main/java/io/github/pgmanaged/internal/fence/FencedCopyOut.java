package io.github.pgmanaged.internal.fence;

import java.sql.SQLException;
import org.postgresql.copy.CopyOut;

@Forwards(value = CopyOut.class, harmless = "isActive", byHand = "cancelCopy")
final class FencedCopyOut extends ForwardingCopyOut {
    private static final String QUERY_CANCELED = "57014";

    FencedCopyOut(Fence fence, CopyOut delegate) {
        super(fence, delegate);
    }

    @Override
    public void cancelCopy() throws SQLException {
        fence.close("CopyOut.cancelCopy", () -> cancel(fence, delegate));
    }

    /**
     * pgjdbc's own method asks the server to stop and leaves what it has sent already, its error and its ReadyForQuery
     * unread, so that the next answer would be taken for another question's. This reads them.
     */
    static void cancel(Fence fence, CopyOut operation) throws SQLException {
        fence.driver().cancelQuery();
        try {
            while (operation.isActive()) {
                operation.readFromCopy();
            }
        } catch (SQLException e) {
            if (!QUERY_CANCELED.equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
