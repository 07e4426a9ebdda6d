package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/**
 * What comes over a channel that does not block.
 *
 * <p>Thread safety: safe; one thread reads at a time.
 */
final class ChannelInput extends InputStream {
    /** Nobody can ask a channel how much is there, so it is read ahead. */
    private static final int AHEAD = 8192;

    private final SocketChannel channel;
    private final IntSupplier timeoutMillis;
    private final Readiness readiness;

    /** Guards what follows. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ByteBuffer ahead = ByteBuffer.allocate(AHEAD).limit(0);

    /** Whether the last read got all that was there: then one waits at once, and spares the read that gets nothing. */
    private boolean emptied = true;

    /** The timeout is that of the reads that begin from now on, in milliseconds; 0 for none. */
    ChannelInput(SocketChannel channel, IntSupplier timeoutMillis) {
        this.channel = channel;
        this.timeoutMillis = timeoutMillis;
        this.readiness = new Readiness(channel, SelectionKey.OP_READ);
    }

    /** Has all that a read needs, so that none fails for want of file descriptors. */
    void prepare() throws IOException {
        readiness.prepare();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer to = ByteBuffer.wrap(bytes, offset, Math.min(length, UnixConnection.AT_ONCE));
        lock.lock();
        try {
            if (ahead.hasRemaining()) {
                to.limit(Math.min(to.limit(), to.position() + ahead.remaining()));
                int count = to.remaining();
                ahead.get(bytes, offset, count);
                return count;
            }
            int count = emptied ? 0 : channel.read(to);
            while (count == 0 && to.hasRemaining()) {
                if (!readiness.await(timeoutMillis.getAsInt())) {
                    throw new SocketTimeoutException("Read timed out");
                }
                count = channel.read(to);
            }
            emptied = to.hasRemaining();
            return count;
        } catch (IOException e) {
            throw UnixConnection.asOfASocket(e);
        } finally {
            lock.unlock();
        }
    }

    /** Whether something is there; not while another thread waits for it, who will have it. */
    @Override
    public int available() throws IOException {
        if (!lock.tryLock()) {
            return 0;
        }
        try {
            if (!ahead.hasRemaining()) {
                ahead.clear();
                try {
                    channel.read(ahead);
                    emptied = ahead.hasRemaining();
                } finally {
                    ahead.flip();
                }
            }
            return ahead.remaining();
        } catch (IOException e) {
            throw UnixConnection.asOfASocket(e);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a read; the channel is closed. */
    void end() throws IOException {
        readiness.close();
    }
}
