package io.github.pgmanaged.faults.proxy;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * A message of PostgreSQL's protocol.
 *
 * @param sender who says it
 * @param type its first byte; {@link #STARTUP} for a client's first message, which has none
 * @param bytes all of it, as it goes over the line
 * @param sql the statement that it is about: of Parse, Query, Bind and Execute; else empty
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats"</a>
 */
@SuppressWarnings("ArrayRecordComponent") // messages are passed on, and not compared
public record Message(Sender sender, char type, byte[] bytes, String sql) {
    public static final char STARTUP = 0;
    public static final char TERMINATE = 'X';

    /** A server's consent to TLS, which is a byte and no message. */
    private static final char CONSENT = 1;

    private static final char QUERY = 'Q';
    private static final char PARSE = 'P';
    private static final char EXECUTE = 'E';
    private static final char COPY_DATA = 'd';

    /** Who says it. */
    public enum Sender {
        CLIENT,
        SERVER
    }

    /** A client that wants to begin. */
    public static Predicate<Message> startup() {
        return message -> message.sender == Sender.CLIENT && message.type == STARTUP;
    }

    /** A server that consents to TLS; the handshake comes next. */
    public static Predicate<Message> consent() {
        return message -> message.type == CONSENT;
    }

    /** A client that sends data of a COPY. */
    public static Predicate<Message> copying() {
        return message -> message.sender == Sender.CLIENT && message.type == COPY_DATA;
    }

    /** A client that begins with a statement. */
    public static Predicate<Message> statement() {
        return message -> message.sender == Sender.CLIENT && (message.type == QUERY || message.type == PARSE);
    }

    /** A client that says goodbye. */
    public static Predicate<Message> terminate() {
        return message -> message.sender == Sender.CLIENT && message.type == TERMINATE;
    }

    /** What makes the server run a statement, or go on with one, that holds a text. */
    public static Predicate<Message> running(String text) {
        return message -> message.sender == Sender.CLIENT
                && (message.type == QUERY || message.type == EXECUTE)
                && message.sql.contains(text);
    }

    /** A message of a type, by the server. */
    public static Predicate<Message> answer(char type) {
        return message -> message.sender == Sender.SERVER && message.type == type;
    }

    static Message consenting() {
        return new Message(Sender.SERVER, CONSENT, new byte[] {'S'}, "");
    }

    /** Reads a message. A client's first one has no type. */
    static Message read(Sender sender, DataInputStream in, boolean typed, Statements statements) throws IOException {
        int type = typed ? in.readUnsignedByte() : STARTUP;
        int length = in.readInt();
        int head = typed ? 1 : 0;
        byte[] bytes = new byte[head + length];
        if (typed) {
            bytes[0] = (byte) type;
        }
        ByteBuffer.wrap(bytes).putInt(head, length);
        in.readFully(bytes, head + Integer.BYTES, length - Integer.BYTES);
        Message message = new Message(sender, (char) type, bytes, "");
        return sender == Sender.CLIENT && typed
                ? new Message(sender, (char) type, bytes, statements.sqlOf(message))
                : message;
    }

    /** What comes after the length. */
    ByteBuffer body() {
        int head = (type == STARTUP ? 0 : 1) + Integer.BYTES;
        return ByteBuffer.wrap(bytes, head, bytes.length - head).slice();
    }

    /** Takes a string, which ends with a zero, off a body. */
    static String string(ByteBuffer body) {
        int begin = body.position();
        int end = begin;
        while (body.get(end) != 0) {
            end++;
        }
        body.position(end + 1);
        return new String(body.array(), body.arrayOffset() + begin, end - begin, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return sender + " " + (type == STARTUP ? "startup" : type) + " " + sql;
    }
}
