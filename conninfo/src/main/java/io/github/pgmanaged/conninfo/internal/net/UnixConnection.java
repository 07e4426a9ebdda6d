package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.function.IntSupplier;

/**
 * A connected channel, and its streams.
 *
 * <p>Thread safety: as that of a socket.
 */
final class UnixConnection {
    /** Java copies so much for the system, and keeps that much memory for each thread. */
    static final int AT_ONCE = 1 << 16;

    private final SocketChannel channel;
    private final ChannelInput input;
    private final ChannelOutput output;

    private UnixConnection(SocketChannel channel, ChannelInput input, ChannelOutput output) {
        this.channel = channel;
        this.input = input;
        this.output = output;
    }

    /**
     * Of a channel that is connected and does not block. If this fails, the channel is closed.
     *
     * @param readMillis the timeout of the reads that begin from now on; 0 for none
     */
    static UnixConnection over(SocketChannel channel, IntSupplier readMillis) throws IOException {
        ChannelInput input = new ChannelInput(channel, readMillis);
        UnixConnection connection = new UnixConnection(channel, input, new ChannelOutput(channel));
        try {
            input.prepare();
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    ChannelInput input() {
        return input;
    }

    ChannelOutput output() {
        return output;
    }

    int option(SocketOption<Integer> option) throws SocketException {
        try {
            return channel.getOption(option);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    void option(SocketOption<Integer> option, int value) throws SocketException {
        try {
            channel.setOption(option, value);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    void shutdownInput() throws IOException {
        channel.shutdownInput();
    }

    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    /** Closes it; threads that read or write end at once. */
    void close() throws IOException {
        try {
            channel.close(); // first, so that nobody waits for it anew
        } finally {
            try {
                input.end();
            } finally {
                output.end();
            }
        }
    }

    /** What a socket would throw. */
    static IOException asOfASocket(IOException e) {
        return e instanceof SocketTimeoutException ? e : broken(e);
    }

    private static SocketException broken(IOException e) {
        if (e instanceof SocketException exception) {
            return exception;
        }
        SocketException broken =
                new SocketException(e instanceof ClosedChannelException ? "Socket closed" : e.getMessage());
        broken.initCause(e);
        return broken;
    }
}
