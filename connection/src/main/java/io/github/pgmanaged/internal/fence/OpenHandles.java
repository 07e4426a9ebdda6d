package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.Log;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;

/**
 * The driver's statements, and result sets without one, that the lease's holder has not closed yet.
 *
 * <p>Thread safety: safe; the lock is never held around a call to the driver.
 */
final class OpenHandles {
    /** Guarded by this. Most leases come and go without one, so it is made by the first. */
    private @Nullable List<AutoCloseable> open;

    synchronized void add(AutoCloseable handle) {
        if (open == null) {
            open = new ArrayList<>();
        }
        open.add(handle);
    }

    /** Looks from the end, where the youngest is, since that one is usually closed first. */
    synchronized void remove(AutoCloseable handle) {
        if (open == null) {
            return;
        }
        for (int i = open.size() - 1; i >= 0; i--) {
            if (open.get(i) == handle) {
                open.remove(i);
                return;
            }
        }
    }

    synchronized boolean isEmpty() {
        return open == null || open.isEmpty();
    }

    synchronized boolean isCopying() {
        return open != null && open.stream().anyMatch(handle -> handle instanceof Copy copy && copy.isActive());
    }

    /**
     * The text of a COPY FROM that was not ended; null if there is none. What it has sent is lost when it is closed.
     */
    synchronized @Nullable String unendedCopy() {
        if (open != null) {
            for (AutoCloseable handle : open) {
                if (handle instanceof Copy copy && copy.operation() instanceof CopyIn && copy.isActive()) {
                    return copy.sql();
                }
            }
        }
        return null;
    }

    /** A COPY under way; closing it cancels it. */
    record Copy(Fence fence, CopyOperation operation, String sql) implements AutoCloseable {
        boolean isActive() {
            return operation.isActive();
        }

        @Override
        public void close() throws SQLException {
            if (isActive() && operation instanceof CopyOut out) {
                FencedCopyOut.cancel(fence, out);
            } else if (isActive()) {
                operation.cancelCopy();
            }
        }
    }

    /** Closes all, and notes in the fence what goes wrong: a copy that cannot be cancelled ends the session. */
    void closeAll(Fence fence) {
        List<AutoCloseable> left;
        synchronized (this) {
            if (open == null) {
                return;
            }
            left = open;
            open = null;
        }
        for (AutoCloseable handle : left) {
            try {
                handle.close();
            } catch (SQLException e) {
                Log.detachedDebug("Could not close what a lease left open", fence.failed(e));
                if (handle instanceof Copy) {
                    fence.brokeOffInExchange(e);
                }
            } catch (Throwable t) {
                Log.detachedDebug("Could not close what a lease left open", t);
                fence.brokeOff(t);
            }
        }
    }
}
