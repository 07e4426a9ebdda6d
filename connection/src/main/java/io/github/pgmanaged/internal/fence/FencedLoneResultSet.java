package io.github.pgmanaged.internal.fence;

import java.sql.ResultSet;
import java.sql.SQLException;

/** A result whose statement the driver made on its own: no statement's closing closes it. */
final class FencedLoneResultSet extends FencedResultSet {
    private final OpenHandles.Entry entry;

    FencedLoneResultSet(Fence fence, ResultSet delegate) {
        super(fence, delegate, null);
        this.entry = fence.handles().add(delegate);
    }

    @Override
    public void close() throws SQLException {
        super.close();
        if (!fence.isShut()) { // else it may not have been closed here
            entry.closed();
        }
    }
}
