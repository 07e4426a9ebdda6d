package io.github.pgmanaged.conninfo.internal.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a server up to the first ReadyForQuery. Whoever it is has not proved anything yet, and the driver
 * makes room for as much as a message says that it has; so a message is refused by its length where libpq refuses it,
 * and all together must not be long either. Control characters in errors and notices, which would reach somebody's
 * terminal, become question marks.
 *
 * <p>Thread safety: one thread at a time.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats"</a>
 */
final class StartMessages {
    private static final int HEAD = 5;

    /** The least with a code, or with one field. */
    private static final int SHORTEST = 8;

    private static final int LONGEST_REQUEST = 2_000;
    private static final int LONGEST_ERROR = 30_000;

    /** Errors and notices may be longer once the server takes the client for whom it says it is; but all together. */
    private static final int LONGEST_START = 1 << 20;

    private static final int CLEARTEXT_PASSWORD = 3;
    private static final int MD5_PASSWORD = 5;
    private static final int SASL = 10;

    private final boolean withoutPassword;
    private final byte[] head = new byte[HEAD];
    private int headFilled;
    private char type;
    private int left;

    /** The first four bytes of a message's content. */
    private int code;

    private int codeFilled;
    private long total;
    private boolean authenticated;
    private boolean over;
    private int previous;

    /** What a server before version 14 says that fails early: a text as it was before the third protocol. */
    private @Nullable ByteArrayOutputStream oldError;

    /** With or without a password for a server that asks for one. */
    StartMessages(boolean withoutPassword) {
        this.withoutPassword = withoutPassword;
    }

    /** Whether the session has begun. */
    boolean isOver() {
        return over;
    }

    /** Whether nothing of what was taken may be passed on, and more is to be taken. */
    boolean isIncomplete() {
        return oldError != null;
    }

    /** Takes what has come. Some of it may be changed. */
    void take(byte[] bytes, int offset, int count) throws StartException {
        int end = offset + count;
        int at = offset;
        while (at < end && !over) {
            if (oldError != null) {
                takeOld(bytes[at]);
                at++;
            } else if (left == 0) {
                head[headFilled] = bytes[at];
                headFilled++;
                at++;
                if (headFilled == HEAD) {
                    begin();
                }
            } else {
                int part = Math.min(left, end - at);
                content(bytes, at, part);
                at += part;
                left -= part;
                if (left == 0) {
                    end();
                }
            }
        }
    }

    private void begin() throws StartException {
        headFilled = 0;
        type = (char) (head[0] & 0xff);
        int length = ByteBuffer.wrap(head).getInt(1);
        if (authenticated) {
            boolean longText = type == 'E' || type == 'N';
            total += length;
            if (length < Integer.BYTES || (length > LONGEST_ERROR && !longText) || total > LONGEST_START) {
                throw new StartException(
                        "lost synchronization with server: got message type \"" + shown(type) + "\", length " + length);
            }
        } else if (!isPlausible(length)) {
            oldError = new ByteArrayOutputStream();
            for (int i = 1; i < HEAD; i++) {
                takeOld(head[i]);
            }
            return;
        }
        left = length - Integer.BYTES;
        code = 0;
        codeFilled = 0;
        previous = 0;
        if (left == 0) {
            end();
        }
    }

    /** Whether a message before the end of authentication can be that long; if not, it is an old error. */
    private boolean isPlausible(int length) throws StartException {
        boolean request = length >= SHORTEST && length <= LONGEST_REQUEST;
        switch (type) {
            case 'R' -> {
                if (!request) {
                    throw new StartException("received invalid authentication request");
                }
            }
            case 'v' -> {
                if (!request) {
                    throw new StartException("received invalid protocol negotiation message");
                }
            }
            case 'E' -> {
                return length >= SHORTEST && length <= LONGEST_ERROR;
            }
            default ->
                throw new StartException("expected authentication request from server, but received " + shown(type));
        }
        return true;
    }

    private void content(byte[] bytes, int begin, int count) throws StartException {
        if (type == 'R') {
            for (int i = begin; i < begin + count && codeFilled < Integer.BYTES; i++) {
                code = (code << Byte.SIZE) | (bytes[i] & 0xff);
                codeFilled++;
            }
            boolean asks = code == CLEARTEXT_PASSWORD || code == MD5_PASSWORD || code == SASL;
            if (withoutPassword && asks && codeFilled == Integer.BYTES && !authenticated) {
                throw new StartException(StartException.NO_PASSWORD);
            }
        } else if (type == 'E' || type == 'N') {
            for (int i = begin; i < begin + count; i++) {
                bytes[i] = printable(bytes[i]);
            }
        }
    }

    /** A zero ends a field. Of the controls above ASCII, which take two bytes, the second becomes a harmless one. */
    private byte printable(byte given) {
        int value = given & 0xff;
        boolean control = value < ' ' && value != 0 && value != '\n' && value != '\t';
        boolean second = previous == 0xc2 && value >= 0x80 && value < 0xa0;
        previous = value;
        return control || value == 0x7f ? (byte) '?' : second ? (byte) 0xbf : given;
    }

    private void end() {
        authenticated |= type == 'R' && code == 0;
        over = type == 'Z';
    }

    private void takeOld(byte given) throws StartException {
        ByteArrayOutputStream text = oldError;
        if (text == null) {
            return;
        }
        if (given != 0) {
            text.write(given);
        }
        if (given == 0 || text.size() > LONGEST_ERROR) {
            throw oldError();
        }
    }

    /** What is known of an error that is incomplete. */
    StartException oldError() {
        String text = oldError == null ? "" : oldError.toString(StandardCharsets.UTF_8);
        boolean readable = !text.isBlank()
                && text.length() <= LONGEST_ERROR
                && text.chars().noneMatch(c -> c != '\n' && c != '\t' && (Character.isISOControl(c) || c == '\ufffd'));
        return new StartException(readable ? text.strip() : "received invalid error message");
    }

    private static char shown(char type) {
        return type >= ' ' && type < 0x7f ? type : '?';
    }
}
