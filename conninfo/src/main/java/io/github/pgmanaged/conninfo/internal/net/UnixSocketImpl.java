package io.github.pgmanaged.conninfo.internal.net;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
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
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * A junixsocket socket that virtual threads may use. It dials its own address, whichever it is asked to connect to.
 *
 * <p>Thread safety: as that of a socket.
 */
final class UnixSocketImpl extends SocketImpl {
    /** What its socket is to be connected to, since it must be something. */
    static final InetSocketAddress IGNORED = InetSocketAddress.createUnresolved("localhost", 0);

    /** Between two calls, while the server has no room. */
    private static final long PAUSE_MILLIS = 10;

    private final AFUNIXSocket socket;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AFUNIXSocketAddress path;

    /** Of the reads that begin from now on; 0 for none. */
    private volatile int readMillis;

    /** What the system's socket has. Guarded by this. */
    private int systemMillis;

    private UnixSocketImpl(AFUNIXSocketAddress path) throws IOException {
        this.socket = AFUNIXSocket.newInstance();
        this.path = path;
    }

    /** A socket that is not connected yet. */
    static StartSocket to(AFUNIXSocketAddress path, Properties properties) throws IOException {
        return new StartSocket(new UnixSocketImpl(path), properties);
    }

    @Override
    protected void connect(SocketAddress ignored, int milliseconds) throws IOException {
        PlatformThreads.run(() -> {
            dial(milliseconds);
            return socket;
        });
    }

    /**
     * Dials. While a server's queue of new connections is full, connect(2) waits, and neither a timeout nor the
     * socket's closing ends it; so it is called in a way that does not wait, and again until there is room.
     */
    private void dial(int milliseconds) throws IOException {
        AFUNIXSocketChannel channel = socket.getChannel();
        channel.configureBlocking(false);
        long began = System.nanoTime();
        while (!channel.connect(path)) {
            if (milliseconds > 0 && System.nanoTime() - began >= TimeUnit.MILLISECONDS.toNanos(milliseconds)) {
                throw new SocketTimeoutException("Connect timed out");
            }
            if (isClosedWithin(PAUSE_MILLIS)) {
                throw new SocketException("Socket closed");
            }
        }
        channel.configureBlocking(true);
    }

    /** Waits; an interrupt does not end it, as it does not while a TCP socket is dialled. */
    private boolean isClosedWithin(long milliseconds) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return closed.await(milliseconds, TimeUnit.MILLISECONDS);
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

    @Override
    protected InputStream getInputStream() throws IOException {
        return new FilterInputStream(socket.getInputStream()) {
            @Override
            public int read() throws IOException {
                return PlatformThreads.run(() -> {
                    timeout(readMillis);
                    return super.read();
                });
            }

            @Override
            public int read(byte[] bytes, int begin, int count) throws IOException {
                return PlatformThreads.run(() -> {
                    timeout(readMillis);
                    return in.read(bytes, begin, count);
                });
            }
        };
    }

    @Override
    protected OutputStream getOutputStream() throws IOException {
        return new FilterOutputStream(socket.getOutputStream()) {
            @Override
            public void write(byte[] bytes, int begin, int count) throws IOException {
                PlatformThreads.run(() -> {
                    timeout(0);
                    out.write(bytes, begin, count);
                    return count;
                });
            }

            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }
        };
    }

    /**
     * junixsocket has one timeout for reads and writes, and a write that the server is slow to take would fail by that
     * of the reads, as on no TCP socket.
     */
    private synchronized void timeout(int millis) throws SocketException {
        if (millis != systemMillis) {
            socket.setSoTimeout(millis);
            systemMillis = millis;
        }
    }

    @Override
    public void setOption(int option, Object value) throws SocketException {
        switch (option) {
            case SocketOptions.SO_TIMEOUT -> readMillis = (Integer) value;
            case SocketOptions.SO_SNDBUF -> socket.setSendBufferSize((Integer) value);
            case SocketOptions.SO_RCVBUF -> socket.setReceiveBufferSize((Integer) value);
            default -> {
                // The others are about TCP.
            }
        }
    }

    @Override
    public Object getOption(int option) throws SocketException {
        return switch (option) {
            case SocketOptions.SO_TIMEOUT -> readMillis;
            case SocketOptions.SO_SNDBUF -> socket.getSendBufferSize();
            case SocketOptions.SO_RCVBUF -> socket.getReceiveBufferSize();
            default -> false;
        };
    }

    @Override
    protected int available() throws IOException {
        return socket.getInputStream().available();
    }

    @Override
    protected void shutdownInput() throws IOException {
        socket.shutdownInput();
    }

    @Override
    protected void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    protected void close() throws IOException {
        closed.countDown();
        socket.close();
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

    private static SocketException unsupported() {
        return new SocketException("a Unix-domain socket that knows where to dial does nothing else");
    }
}
