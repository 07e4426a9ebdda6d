package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOptions;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket of a Unix-domain socket, on a channel of the JDK's. It dials its own address, whichever it is asked to
 * connect to.
 *
 * <p>Thread safety: as that of a socket.
 */
final class UnixSocketImpl extends SocketImpl {
    /** What its socket is to be connected to, since it must be something. */
    static final InetSocketAddress IGNORED = InetSocketAddress.createUnresolved("localhost", 0);

    /** Between two calls, while the server has no room. */
    private static final long PAUSE_MILLIS = 10;

    private final UnixAddress target;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Null until it is dialled. */
    private volatile @Nullable UnixConnection connection;

    /** Of the reads that begin from now on; 0 for none. */
    private volatile int readMillis;

    private UnixSocketImpl(UnixAddress target) {
        this.target = target;
    }

    /** A socket that is not connected yet. */
    static StartSocket to(UnixAddress target, Properties properties) throws IOException {
        return new StartSocket(new UnixSocketImpl(target), properties);
    }

    @Override
    protected void connect(SocketAddress ignored, int milliseconds) throws IOException {
        UnixConnection dialled = UnixConnection.over(dial(milliseconds), () -> readMillis);
        connection = dialled;
        if (closed.getCount() == 0) {
            dialled.close();
            throw closed();
        }
    }

    /**
     * Dials. While a server's queue of new connections is full, connect(2) waits, and neither a timeout nor the
     * socket's closing ends it; so it is called in a way that does not wait, and again until there is room.
     */
    private SocketChannel dial(int milliseconds) throws IOException {
        long began = System.nanoTime();
        while (closed.getCount() > 0) {
            SocketChannel channel = target.dial();
            if (channel != null) {
                return channel;
            }
            if (milliseconds > 0 && System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(milliseconds)) {
                throw new SocketTimeoutException("Connect timed out");
            }
            pause();
        }
        throw closed();
    }

    /** Ends when it is closed; an interrupt does not end it, as it does not while a TCP socket is dialled. */
    private void pause() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private UnixConnection connection() throws SocketException {
        UnixConnection dialled = connection;
        if (dialled == null) {
            throw new SocketException("Socket is not connected");
        }
        return dialled;
    }

    @Override
    protected InputStream getInputStream() throws IOException {
        return connection().input();
    }

    @Override
    protected OutputStream getOutputStream() throws IOException {
        return connection().output();
    }

    @Override
    public void setOption(int option, Object value) throws SocketException {
        switch (option) {
            case SocketOptions.SO_TIMEOUT -> readMillis = (Integer) value;
            case SocketOptions.SO_SNDBUF -> connection().option(StandardSocketOptions.SO_SNDBUF, (Integer) value);
            case SocketOptions.SO_RCVBUF -> connection().option(StandardSocketOptions.SO_RCVBUF, (Integer) value);
            default -> {
                // The others are about TCP.
            }
        }
    }

    @Override
    public Object getOption(int option) throws SocketException {
        return switch (option) {
            case SocketOptions.SO_TIMEOUT -> readMillis;
            case SocketOptions.SO_SNDBUF -> connection().option(StandardSocketOptions.SO_SNDBUF);
            case SocketOptions.SO_RCVBUF -> connection().option(StandardSocketOptions.SO_RCVBUF);
            default -> false;
        };
    }

    @Override
    protected int available() throws IOException {
        return connection().input().available();
    }

    @Override
    protected void shutdownInput() throws IOException {
        connection().shutdownInput();
    }

    @Override
    protected void shutdownOutput() throws IOException {
        connection().shutdownOutput();
    }

    @Override
    protected void close() throws IOException {
        closed.countDown();
        UnixConnection dialled = connection;
        if (dialled != null) {
            dialled.close();
        }
    }

    @Override
    protected void create(boolean stream) {}

    @Override
    protected void connect(String host, int port) throws IOException {
        throw unsupported();
    }

    @Override
    protected void connect(InetAddress address, int port) throws IOException {
        throw unsupported();
    }

    @Override
    protected void bind(InetAddress host, int port) throws IOException {
        throw unsupported();
    }

    @Override
    protected void listen(int backlog) throws IOException {
        throw unsupported();
    }

    @Override
    protected void accept(SocketImpl accepted) throws IOException {
        throw unsupported();
    }

    @Override
    protected void sendUrgentData(int data) throws IOException {
        throw unsupported();
    }

    private static SocketException closed() {
        return new SocketException("Socket closed");
    }

    private static SocketException unsupported() {
        return new SocketException("a Unix-domain socket that knows where to dial does nothing else");
    }
}
