package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.Log;
import java.lang.ref.WeakReference;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;

/**
 * The driver's statements, and result sets without one, that the lease's holder has not closed yet; and the copy that
 * is under way.
 *
 * <p>They are held weakly: what nobody refers to any more, the driver cleans up as it does without a lease, so that a
 * long lease keeps no more than the driver. A closed handle's entry is only cleared, as the collector clears one. Such
 * entries go when there is no more room, so a close takes neither the lock nor a search, in whatever order.
 *
 * <p>Thread safety: safe; the lock is never held around a call to the driver.
 */
class OpenHandles {
    private static final int ROOM_AT_FIRST = 2;

    /** The newest; each refers to the one before. Guarded by this. */
    private @Nullable Entry newest;

    /** How many more come before those that are not open are taken out. Guarded by this. */
    private int room = ROOM_AT_FIRST;

    /** One handle. */
    static class Entry extends WeakReference<AutoCloseable> {
        /** Guarded by the lock of those that it is one of. */
        private @Nullable Entry before;

        Entry(@Nullable AutoCloseable handle) {
            super(handle);
        }

        /** The holder has closed it. Others may see that late, and close it once more, which does nothing. */
        final void closed() {
            clear();
        }

        boolean isOpen() {
            return !refersTo(null);
        }
    }

    /** The latest copy: pgjdbc lets no other begin while one is under way, and refers to that one itself. */
    private static final class Copy extends Entry {
        private final WeakReference<CopyOperation> operation;

        /** What began it. */
        private final String sql;

        Copy(CopyOperation begun, String sql) {
            super(null);
            this.operation = new WeakReference<>(begun);
            this.sql = sql;
        }

        @Override
        boolean isOpen() {
            return !operation.refersTo(null);
        }
    }

    final Entry add(AutoCloseable handle) {
        Entry entry = new Entry(handle);
        add(entry);
        return entry;
    }

    final void add(CopyOperation begun, String sql) {
        Copy copy = new Copy(begun, sql);
        synchronized (this) {
            Copy ended = latestCopy();
            if (ended != null) {
                ended.operation.clear();
            }
            add(copy);
        }
    }

    private synchronized void add(Entry entry) {
        if (room == 0) {
            room = Math.max(ROOM_AT_FIRST, takeOut());
        }
        entry.before = newest;
        newest = entry;
        room--;
    }

    /** Takes out those that are not open: how many are left. As many again may come, so each is looked at twice. */
    private int takeOut() {
        int open = 0;
        Entry kept = null;
        for (Entry entry = newest; entry != null; entry = entry.before) {
            if (!entry.isOpen()) {
                continue;
            }
            if (kept == null) {
                newest = entry;
            } else {
                kept.before = entry;
            }
            kept = entry;
            open++;
        }
        if (kept == null) {
            newest = null;
        } else {
            kept.before = null;
        }
        return open;
    }

    /** How many statements and result sets are held, open or not. */
    final synchronized int held() {
        int count = 0;
        for (Entry entry = newest; entry != null; entry = entry.before) {
            count += entry instanceof Copy ? 0 : 1;
        }
        return count;
    }

    /** Asks the driver nothing, so a copy that has ended counts until it is collected. */
    final synchronized boolean isEmpty() {
        for (Entry entry = newest; entry != null; entry = entry.before) {
            if (entry.isOpen()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a copy was begun that may not have ended. */
    final boolean mayBeCopying() {
        Copy copy = latestCopy();
        return copy != null && copy.isOpen();
    }

    /**
     * The text of a COPY FROM that was not ended; null if there is none. What it has sent is lost when it is closed.
     * Asks the driver, which takes its lock.
     */
    final @Nullable String unendedCopy() {
        Copy copy = latestCopy();
        if (copy == null) {
            return null;
        }
        CopyOperation latest = copy.operation.get();
        return latest instanceof CopyIn && latest.isActive() ? copy.sql : null;
    }

    private synchronized @Nullable Copy latestCopy() {
        for (Entry entry = newest; entry != null; entry = entry.before) {
            if (entry instanceof Copy copy) {
                return copy;
            }
        }
        return null;
    }

    private synchronized @Nullable Entry takeAll() {
        Entry all = newest;
        newest = null;
        room = ROOM_AT_FIRST;
        return all;
    }

    /**
     * Closes all, and notes in the fence what goes wrong: a copy that cannot be cancelled ends the session. The copy
     * comes first, since nothing else can be said to the server until it has ended.
     */
    final void closeAll(Fence fence) {
        Copy copy = latestCopy();
        CopyOperation latest = copy == null ? null : copy.operation.get();
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
        for (Entry entry = takeAll(); entry != null; entry = entry.before) {
            AutoCloseable handle = entry.get();
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
