package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.Log;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;

/**
 * The driver's statements, and result sets without one, that the lease's holder has not closed yet; and the copy that
 * is under way.
 *
 * <p>They are held weakly: what nobody refers to any more, the driver cleans up as it does without a lease, so that a
 * long lease keeps no more than the driver. A closed handle's entry is only marked. The room of those that are closed
 * or collected is taken when it is needed, so a close takes neither the lock nor a search, in whatever order.
 *
 * <p>Thread safety: safe; the lock is never held around a call to the driver.
 */
final class OpenHandles {
    private static final int ROOM_AT_FIRST = 2;

    /** Guarded by this. Most leases come and go without one, so it is made by the first. */
    private Entry @Nullable [] entries;

    /** How many there are, from the first on. Guarded by this. */
    private int count;

    /**
     * The latest: pgjdbc lets no other begin while one is under way, and refers to that one itself. Guarded by this.
     */
    private @Nullable WeakReference<CopyOperation> copy;

    /** What began it. Guarded by this. */
    private @Nullable String copySql;

    /** One handle. */
    static final class Entry extends WeakReference<AutoCloseable> {
        /** Written in the gate; whoever has drained it sees it, and others may see it late. */
        private boolean closed;

        Entry(AutoCloseable handle) {
            super(handle);
        }

        /** The holder has closed it. */
        void closed() {
            closed = true;
        }

        private boolean isOpen() {
            return !closed && !refersTo(null);
        }
    }

    synchronized Entry add(AutoCloseable handle) {
        Entry entry = new Entry(handle);
        if (entries == null) {
            entries = new Entry[ROOM_AT_FIRST];
        } else if (count == entries.length) {
            makeRoom(entries);
        }
        entries[count++] = entry;
        return entry;
    }

    /** Room for as many again as are still open: so an entry is looked at twice, on average. */
    private void makeRoom(Entry[] full) {
        int open = 0;
        for (Entry entry : full) {
            if (entry.isOpen()) {
                full[open++] = entry;
            }
        }
        Arrays.fill(full, open, full.length, null);
        int room = Math.max(ROOM_AT_FIRST, 2 * open);
        entries = room == full.length ? full : Arrays.copyOf(full, room);
        count = open;
    }

    synchronized void add(CopyOperation begun, String sql) {
        copy = new WeakReference<>(begun);
        copySql = sql;
    }

    /** How many are held, open or not. */
    synchronized int held() {
        return count;
    }

    /** Asks the driver nothing, so a copy that has ended counts until it is collected. */
    synchronized boolean isEmpty() {
        boolean empty = copy == null || copy.refersTo(null);
        for (int i = 0; entries != null && i < count && empty; i++) {
            empty = !entries[i].isOpen();
        }
        return empty;
    }

    /** Asks the driver, which takes its lock. */
    private boolean isCopying() {
        CopyOperation latest = latestCopy();
        return latest != null && latest.isActive();
    }

    /** Whether a copy was begun that may not have ended. */
    boolean mayBeCopying() {
        return latestCopy() != null;
    }

    /**
     * The text of a COPY FROM that was not ended; null if there is none. What it has sent is lost when it is closed.
     * Asks the driver, which takes its lock.
     */
    @Nullable
    String unendedCopy() {
        return latestCopy() instanceof CopyIn && isCopying() ? copySql() : null;
    }

    private synchronized @Nullable String copySql() {
        return copySql;
    }

    private synchronized @Nullable CopyOperation latestCopy() {
        return copy == null ? null : copy.get();
    }

    private synchronized Entry[] takeAll() {
        Entry[] all = entries == null ? new Entry[0] : Arrays.copyOf(entries, count);
        entries = null;
        count = 0;
        return all;
    }

    /**
     * Closes all, and notes in the fence what goes wrong: a copy that cannot be cancelled ends the session. The copy
     * comes first, since nothing else can be said to the server until it has ended.
     */
    void closeAll(Fence fence) {
        CopyOperation latest = latestCopy();
        if (latest != null) {
            try {
                cancel(fence, latest);
            } catch (SQLException e) {
                Log.detachedDebug("Could not cancel the copy that a lease left under way", fence.failed(e));
                fence.brokeOffInExchange(e);
            } catch (Throwable t) {
                failed(fence, t);
            }
        }
        for (Entry entry : takeAll()) {
            AutoCloseable handle = entry.closed ? null : entry.get();
            if (handle != null) {
                close(fence, handle);
            }
        }
    }

    private static void cancel(Fence fence, CopyOperation operation) throws SQLException {
        if (operation.isActive() && operation instanceof CopyOut out) {
            FencedCopyOut.cancel(fence, out);
        } else if (operation.isActive()) {
            operation.cancelCopy();
        }
    }

    private static void close(Fence fence, AutoCloseable handle) {
        try {
            handle.close();
        } catch (SQLException e) {
            Log.detachedDebug("Could not close what a lease left open", fence.failed(e));
        } catch (Throwable t) {
            failed(fence, t);
        }
    }

    private static void failed(Fence fence, Throwable t) {
        Log.detachedDebug("Could not close what a lease left open", t);
        fence.brokeOff(t);
    }
}
