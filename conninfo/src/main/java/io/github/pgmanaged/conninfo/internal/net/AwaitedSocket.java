package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;
import org.jspecify.annotations.Nullable;

/** A socket on which a thread may wait for what the server says by itself: for its {@link AwaitedInput}. */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // two timeouts, and the input's lock guards them
abstract class AwaitedSocket extends Socket {
    private final AwaitedInput awaited = new AwaitedInput(new AwaitedInput.Raw() {
        @Override
        public InputStream input() throws IOException {
            return AwaitedSocket.super.getInputStream();
        }

        @Override
        public void timeout(int millis) throws SocketException {
            AwaitedSocket.super.setSoTimeout(millis);
        }

        @Override
        public void close() throws IOException {
            AwaitedSocket.this.close();
        }
    });

    AwaitedSocket() {}

    AwaitedSocket(@Nullable SocketImpl system) throws SocketException {
        super(system);
    }

    /** What it receives; there is something once it is connected. */
    AwaitedInput awaited() {
        return awaited;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        var unused = super.getInputStream(); // says so if it is not connected
        return awaited;
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        if (millis < 0) {
            throw new IllegalArgumentException("timeout can't be negative");
        }
        getSoTimeout(); // says so if it is closed
        awaited.timeoutMillis(millis);
    }

    @Override
    public int getSoTimeout() throws SocketException {
        super.getSoTimeout();
        return awaited.timeoutMillis();
    }
}
