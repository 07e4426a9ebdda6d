package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What goes over a channel that does not block. A write has no timeout, as on any socket: it waits until the peer has
 * taken enough.
 *
 * <p>Thread safety: safe; one thread writes at a time.
 */
final class ChannelOutput extends OutputStream {
    private final SocketChannel channel;
    private final Readiness readiness;
    private final ReentrantLock lock = new ReentrantLock();

    ChannelOutput(SocketChannel channel) {
        this.channel = channel;
        this.readiness = new Readiness(channel, SelectionKey.OP_WRITE);
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(bytes, offset, length);
        int end = from.limit();
        lock.lock();
        try {
            while (from.position() < end) {
                from.limit(Math.min(end, from.position() + UnixConnection.AT_ONCE));
                if (channel.write(from) == 0) {
                    readiness.await(0);
                }
            }
        } catch (IOException e) {
            throw UnixConnection.asOfASocket(e);
        } finally {
            lock.unlock();
        }
    }

    /** Ends a write; the channel is closed. */
    void end() throws IOException {
        readiness.close();
    }
}
