package io.github.pgmanaged.internal.fence;

import java.sql.SQLException;
import org.postgresql.copy.CopyOut;

@Forwards(
        value = CopyOut.class,
        harmless = "isActive",
        byHand = {"cancelCopy", "readFromCopy"})
final class FencedCopyOut extends ForwardingCopyOut {
    private static final String QUERY_CANCELED = "57014";

    private final String sql;

    FencedCopyOut(Fence fence, CopyOut delegate, String sql) {
        super(fence, delegate);
        this.sql = sql;
    }

    /** What is copied may be the result of an INSERT, and reading its end commits under autocommit. */
    @Override
    @SuppressWarnings("NullAway") // null says that there is no further row, and pgjdbc does not declare it
    public byte[] readFromCopy() throws SQLException {
        return fence.execute(sql, delegate::readFromCopy);
    }

    @Override
    @SuppressWarnings("NullAway")
    public byte[] readFromCopy(boolean block) throws SQLException {
        return fence.execute(sql, () -> delegate.readFromCopy(block));
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
