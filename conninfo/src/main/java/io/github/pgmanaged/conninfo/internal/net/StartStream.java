package io.github.pgmanaged.conninfo.internal.net;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a driver sends, with another {@link StartPacket}. All else goes through as it is: the requests for encryption
 * before it, what follows it, and whatever is no start of a session: a cancel request, or bytes of TLS, in which the
 * packet comes later and through another stream.
 *
 * <p>Thread safety: one thread at a time.
 */
final class StartStream extends OutputStream {
    /** The length and the code of a packet without a type. */
    private static final int HEAD = 8;

    private final OutputStream out;
    private final StartPacket packet;

    /** What was written and not sent yet; null once the start is over. */
    private @Nullable ByteArrayOutputStream held = new ByteArrayOutputStream();

    StartStream(OutputStream out, StartPacket packet) {
        this.out = out;
        this.packet = packet;
    }

    @Override
    public void write(int octet) throws IOException {
        if (held == null) {
            out.write(octet);
        } else {
            write(new byte[] {(byte) octet}, 0, 1);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ByteArrayOutputStream before = held;
        if (before == null) {
            out.write(bytes, offset, length);
            return;
        }
        before.write(bytes, offset, length);
        byte[] all = before.toByteArray();
        int sent = 0;
        while (held != null && isDecided(all, sent)) {
            sent = send(all, sent);
        }
        before.reset();
        before.write(all, sent, all.length - sent);
    }

    /** Whether enough is there to know what comes. A packet without a type begins with a 0, since it is short. */
    private static boolean isDecided(byte[] all, int from) {
        int there = all.length - from;
        if (there == 0 || all[from] != 0) {
            return there > 0;
        }
        return there >= HEAD && (!isStart(all, from) || there >= length(all, from));
    }

    /** Sends the first packet of what is there; returns where the next one begins. */
    private int send(byte[] all, int from) throws IOException {
        if (all[from] == 0 && length(all, from) == HEAD) {
            out.write(all, from, HEAD); // asks for encryption
            return from + HEAD;
        }
        int next = from;
        if (all[from] == 0 && isStart(all, from)) {
            next = from + length(all, from);
            out.write(packet.insteadOf(Arrays.copyOfRange(all, from, next)));
        }
        out.write(all, next, all.length - next);
        held = null;
        return all.length;
    }

    private static boolean isStart(byte[] all, int from) {
        int length = length(all, from);
        boolean isVersion3 = ByteBuffer.wrap(all).getShort(from + Integer.BYTES) == 3;
        return isVersion3 && length > StartPacket.HEADER && length <= StartPacket.LONGEST;
    }

    private static int length(byte[] all, int from) {
        return ByteBuffer.wrap(all).getInt(from);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
