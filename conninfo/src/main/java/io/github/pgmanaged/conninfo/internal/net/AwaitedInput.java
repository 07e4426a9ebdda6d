package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a socket receives. A thread may wait for something to come while no other reads: for what a server says by
 * itself. What comes then is kept for those who read, in its order. A reader that comes meanwhile need not end the
 * waiting first, and loses no time by it but that of being woken: it is handed what the server answers.
 *
 * <p>The reads' timeout is kept here, since the waiting thread has one of its own.
 *
 * <p>Thread safety: safe; one thread awaits at a time.
 */
public final class AwaitedInput extends InputStream {
    /** As much as a driver reads at once. */
    private static final int AHEAD = 8192;

    /** The timeout with which pgjdbc looks for one more message. */
    private static final int LOOKING_MILLIS = 1;

    private final Raw raw;

    /** Guards what follows. Nothing is read under it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private byte[] ahead = {};
    private int next;
    private int end;
    private boolean ended;
    private @Nullable IOException failure;
    private boolean awaiting;
    private int readers;

    /** Whether others have read since {@link #settled()}: they may have got more than they wanted. */
    private boolean wasRead;

    /** How many bytes may be read until {@link #settled()} before it looks as if no more had come. */
    private long left = Long.MAX_VALUE;

    /** Of the readers; as the socket says it, in milliseconds, and 0 for none. */
    private int timeoutMillis;

    private int rawTimeoutMillis;

    /** The socket's own. */
    interface Raw {
        /** What it receives. */
        InputStream input() throws IOException;

        /** Sets the timeout of the reads that begin from now on. */
        void timeout(int millis) throws SocketException;

        /** Closes the socket, as the closing of its stream does; again, too. */
        void close() throws IOException;
    }

    AwaitedInput(Raw raw) {
        this.raw = raw;
    }

    /** The timeout of the reads. */
    int timeoutMillis() {
        lock.lock();
        try {
            return timeoutMillis;
        } finally {
            lock.unlock();
        }
    }

    /** Sets the timeout of the reads that begin from now on. */
    void timeoutMillis(int millis) {
        lock.lock();
        try {
            timeoutMillis = millis;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until something has come that nobody has read yet, or the connection has ended. While others read, it waits
     * until they do no more. What they have read is theirs, and may be more than they wanted: then it does not wait.
     *
     * @param millis for how long; 0 for ever
     * @return whether there is something, or others have read, or there will be nothing any more
     */
    public boolean await(int millis) {
        byte[] bytes = new byte[AHEAD];
        lock.lock();
        try {
            if (isThere() || wasRead) {
                return true;
            }
            if (readers > 0 && !isQuietWithin(millis)) {
                return false;
            }
            if (isThere() || wasRead) {
                return true;
            }
            if (!setTimeout(millis)) {
                return true;
            }
            awaiting = true;
        } finally {
            lock.unlock();
        }
        int count = 0;
        IOException trouble = null;
        try {
            count = raw.input().read(bytes, 0, bytes.length);
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            trouble = e;
        } finally {
            received(bytes, count, trouble);
        }
        return true;
    }

    private boolean setTimeout(int millis) {
        try {
            apply(millis);
            return true;
        } catch (SocketException e) {
            failure = e;
            return false;
        }
    }

    private void received(byte[] bytes, int count, @Nullable IOException trouble) {
        lock.lock();
        try {
            awaiting = false;
            ahead = bytes;
            next = 0;
            end = Math.max(count, 0);
            ended |= count < 0;
            failure = trouble;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether something has come that nobody has read yet, or the connection has ended. Does not block.
     *
     * @return not while a thread awaits it
     */
    public boolean hasUnread() {
        try {
            lock.lock();
            try {
                return isThere() || (!awaiting && raw.input().available() > 0);
            } finally {
                lock.unlock();
            }
        } catch (IOException e) {
            return true; // that it has ended
        }
    }

    /** Whether others have read since {@link #settled()}. Does not block. */
    public boolean wasRead() {
        lock.lock();
        try {
            return wasRead;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets it look, after so many bytes, as if no more had come, to those who ask, or would wait for a millisecond: so
     * pgjdbc looks for one more message. In the midst of a message it has all the time.
     */
    public void limit(int bytes) {
        lock.lock();
        try {
            left = bytes;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Those who read keep nothing that they have not looked at, and have no limit any more. To be called while none of
     * them reads.
     */
    public void settled() {
        lock.lock();
        try {
            wasRead = false;
            left = Long.MAX_VALUE;
        } finally {
            lock.unlock();
        }
    }

    private boolean isThere() {
        return next < end || ended || failure != null;
    }

    private boolean isQuietWithin(int millis) {
        long nanos = millis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(millis);
        return waitWhile(() -> readers > 0, nanos);
    }

    /** Under the lock: waits while something is so; an interrupt does not end it, as it does not end a read. */
    private boolean waitWhile(BooleanSupplier condition, long nanos) {
        long left = nanos;
        boolean interrupted = false;
        try {
            while (condition.getAsBoolean()) {
                if (left <= 0) {
                    return false;
                }
                try {
                    left = changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Under the lock. */
    private void apply(int millis) throws SocketException {
        if (millis != rawTimeoutMillis) {
            raw.timeout(millis);
            rawTimeoutMillis = millis;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            long nanos = timeoutMillis == 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            if (awaiting && !waitWhile(() -> awaiting, nanos)) {
                throw new SocketTimeoutException("Read timed out");
            }
            if (left <= 0 && timeoutMillis == LOOKING_MILLIS) {
                throw new SocketTimeoutException("Enough was read");
            }
            if (next < end) {
                wasRead = true;
                int count = Math.min(length, end - next);
                left -= count;
                System.arraycopy(ahead, next, bytes, offset, count);
                next += count;
                return count;
            }
            IOException trouble = failure;
            if (trouble != null) {
                throw trouble;
            }
            if (ended) {
                return -1;
            }
            apply(timeoutMillis);
            readers++;
        } finally {
            lock.unlock();
        }
        int read = 0;
        try {
            read = raw.input().read(bytes, offset, length);
            return read;
        } finally {
            lock.lock();
            try {
                left -= Math.max(read, 0);
                readers--;
                wasRead = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public int available() throws IOException {
        lock.lock();
        try {
            int kept = end - next;
            if (left <= 0) {
                return 0;
            }
            return awaiting || isThere() ? kept : raw.input().available();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        raw.close();
    }
}
