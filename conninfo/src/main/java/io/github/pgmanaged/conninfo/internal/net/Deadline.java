package io.github.pgmanaged.conninfo.internal.net;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * A time after which nothing is read from a socket. A socket's own timeout is for one read, and whoever says a byte now
 * and then is waited for without an end.
 *
 * <p>Thread safety: immutable.
 */
final class Deadline {
    private final long nanoTime;

    private Deadline(long nanoTime) {
        this.nanoTime = nanoTime;
    }

    static Deadline inSeconds(int seconds) {
        return new Deadline(System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds));
    }

    /** What comes from the socket until then; its own timeout is set before each read. */
    InputStream over(InputStream in, Socket socket) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                long left = TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime());
                if (left <= 0) {
                    throw new SocketTimeoutException("timeout expired");
                }
                socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
                return super.read(bytes, offset, length);
            }
        };
    }
}
