package io.github.pgmanaged.faults.proxy;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A line's socket towards the client, below TLS if there is any. It can drip.
 *
 * <p>Thread safety: safe, as a socket is.
 */
final class ClientSocket extends Socket {
    /** On the way between a client and its server; small, so that one that reads nothing is soon noticed. */
    static final int BUFFER = 256 * 1024;

    private final CountDownLatch closed = new CountDownLatch(1);

    /** Null while it does not drip. */
    private volatile Duration apart;

    /** Where clients come in. */
    static final class Listening extends ServerSocket {
        Listening(InetAddress here) throws IOException {
            setReceiveBufferSize(BUFFER);
            bind(new InetSocketAddress(here, 0), 50);
        }

        @Override
        public ClientSocket accept() throws IOException {
            ClientSocket client = new ClientSocket();
            implAccept(client);
            return client;
        }
    }

    /** From now on what is written comes byte by byte, so far apart. */
    void drip(Duration far) {
        apart = far;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(super.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int from, int count) throws IOException {
                if (apart == null) {
                    out.write(bytes, from, count);
                    return;
                }
                for (int i = from; i < from + count; i++) {
                    pause();
                    out.write(bytes, i, 1);
                }
            }
        };
    }

    /** A socket that is closed does not wait. */
    private void pause() throws IOException {
        try {
            if (closed.await(apart.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SocketException("The line has ended.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        super.close();
    }
}
