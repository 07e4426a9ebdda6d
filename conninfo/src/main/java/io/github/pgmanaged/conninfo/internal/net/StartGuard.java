package io.github.pgmanaged.conninfo.internal.net;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Watches a connection until the session has begun on it. An answer to a request for encryption is one byte, and
 * nothing may come with it, since it could be somebody else's who wants it taken for the server's (CVE-2021-23222).
 * Otherwise the server says {@link StartMessages}, and after them all goes through, as it does under encryption, in
 * which another guard watches.
 *
 * <p>Thread safety: one thread at a time until the session has begun.
 */
final class StartGuard {
    /** The code of a request for TLS, and the whole of it. */
    private static final int TLS_CODE = 80877103;

    static final byte[] TLS_REQUEST =
            ByteBuffer.allocate(8).putInt(8).putInt(TLS_CODE).array();

    private static final int GSSAPI_CODE = 80877104;
    private static final int CANCEL_CODE = 80877102;

    /** The first byte of TLS. */
    private static final int HANDSHAKE = 0x16;

    private enum Stage {
        PLAIN,
        ASKED_FOR_TLS,
        ASKED_FOR_GSSAPI,
        STARTING,
        ENCRYPTED,
        OVER
    }

    private final StartMessages messages;
    private final @Nullable SocketOwner owner;
    private volatile Stage stage = Stage.PLAIN;
    private volatile boolean begun;

    /**
     * The properties of the connection tell whether there is a password, and who is told that a session is asked for.
     */
    StartGuard(Properties properties) {
        this.messages = new StartMessages(properties.getProperty("password", "").isEmpty());
        this.owner = OwnerTicket.owner(properties);
    }

    /** Whether nobody reads along. */
    boolean isEncrypted() {
        return stage == Stage.ENCRYPTED;
    }

    /** Whether a session has begun; of what GSSAPI encrypts that is not seen, and agreeing on it counts. */
    boolean hasBegun() {
        return begun;
    }

    /** What the client sends, whole packets at first: it tells what is to come. */
    OutputStream output(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (length == 0) {
                    // To a Unix-domain socket whose server has hung up it is a broken pipe, though nothing is sent.
                    return;
                }
                if (stage == Stage.PLAIN) {
                    sending(bytes, offset, length);
                }
                out.write(bytes, offset, length);
            }
        };
    }

    private void sending(byte[] bytes, int offset, int length) {
        if (bytes[offset] == HANDSHAKE) {
            stage = Stage.ENCRYPTED;
        } else if (length >= TLS_REQUEST.length && bytes[offset] == 0) {
            switch (ByteBuffer.wrap(bytes).getInt(offset + Integer.BYTES)) {
                case TLS_CODE -> stage = Stage.ASKED_FOR_TLS;
                case GSSAPI_CODE -> stage = Stage.ASKED_FOR_GSSAPI;
                case CANCEL_CODE -> {
                    // Nothing comes back.
                }
                default -> {
                    stage = Stage.STARTING;
                    if (owner != null) {
                        owner.sessionAskedFor();
                    }
                }
            }
        }
    }

    /** What the server sends. */
    InputStream input(InputStream in) {
        return new Input(in);
    }

    private final class Input extends InputStream {
        private final InputStream in;

        Input(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return switch (stage) {
                case PLAIN, ENCRYPTED, OVER -> in.read(bytes, offset, length);
                case STARTING -> message(bytes, offset, length);
                case ASKED_FOR_TLS, ASKED_FOR_GSSAPI -> answer(bytes, offset, length);
            };
        }

        private int message(byte[] bytes, int offset, int length) throws IOException {
            int count;
            do {
                count = in.read(bytes, offset, length);
                if (count > 0) {
                    messages.take(bytes, offset, count);
                } else if (messages.isIncomplete()) {
                    throw messages.oldError();
                }
            } while (messages.isIncomplete());
            if (messages.isOver()) {
                begun = true;
                stage = Stage.OVER;
            }
            return count;
        }

        private int answer(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, Math.min(length, 1));
            if (count > 0) {
                answered(bytes[offset], in.available() > 0);
            }
            return count;
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private void answered(byte answer, boolean more) throws StartException {
        boolean tls = stage == Stage.ASKED_FOR_TLS;
        if (answer == 'N') {
            stage = Stage.PLAIN;
        } else if (answer == (tls ? 'S' : 'G')) {
            if (more) {
                throw new StartException(
                        "received unencrypted data after " + (tls ? "SSL" : "GSSAPI encryption") + " response");
            }
            begun = !tls;
            stage = Stage.ENCRYPTED;
        } else if (answer == 'E') {
            throw new StartException(
                    "server sent an error response during " + (tls ? "SSL" : "GSS encryption") + " exchange");
        } else {
            throw new StartException("received invalid response to " + (tls ? "SSL" : "GSSAPI") + " negotiation: "
                    + (answer > ' ' && answer < 0x7f ? (char) answer : '?'));
        }
    }
}
