package io.github.pgmanaged.faults.ledger;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Finds COMMIT in what a client sends, also when it is a prepared statement that is only named.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats"</a>
 */
final class Commits {
    private static final int HEADER = 5;

    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private final Set<String> names = new HashSet<>();
    private boolean started;

    /** Whether there is a COMMIT among the messages that these bytes complete. */
    boolean in(byte[] bytes, int count) {
        unread.write(bytes, 0, count);
        ByteBuffer buffer = ByteBuffer.wrap(unread.toByteArray());
        boolean found = false;
        while (buffer.remaining() >= HEADER) {
            int header = started ? 1 : 0; // the first message has no type
            int length = header + buffer.getInt(buffer.position() + header);
            if (buffer.remaining() < length) {
                break;
            }
            char type = started ? (char) buffer.get(buffer.position()) : 0;
            byte[] body = new byte[length - header - 4];
            buffer.position(buffer.position() + header + 4);
            buffer.get(body);
            started = true;
            found |= isCommit(type, body);
        }
        unread.reset();
        unread.write(buffer.array(), buffer.position(), buffer.remaining());
        return found;
    }

    private boolean isCommit(char type, byte[] body) {
        String[] strings = new String(body, StandardCharsets.ISO_8859_1).split("\0", 3);
        return switch (type) {
            case 'Q' -> commits(strings[0]);
            case 'P' -> {
                if (commits(strings[1])) {
                    names.add(strings[0]);
                } else {
                    names.remove(strings[0]);
                }
                yield false;
            }
            case 'B' -> names.contains(strings[1]);
            default -> false;
        };
    }

    private static boolean commits(String sql) {
        return sql.toUpperCase(Locale.ROOT).startsWith("COMMIT");
    }
}
