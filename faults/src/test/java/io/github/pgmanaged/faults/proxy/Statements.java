package io.github.pgmanaged.faults.proxy;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * The texts behind the names of a connection's prepared statements and portals: pgjdbc prepares its COMMIT once, and
 * then only mentions it.
 *
 * <p>Thread safety: none; used by the thread that reads from the client.
 */
final class Statements {
    private final Map<String, String> prepared = new HashMap<>();
    private final Map<String, String> portals = new HashMap<>();

    /** What statement a client's message is about. */
    String sqlOf(Message message) {
        ByteBuffer body = message.body();
        return switch (message.type()) {
            case 'Q' -> Message.string(body);
            case 'P' -> {
                String name = Message.string(body);
                String sql = Message.string(body);
                prepared.put(name, sql);
                yield sql;
            }
            case 'B' -> {
                String portal = Message.string(body);
                String sql = prepared.getOrDefault(Message.string(body), "");
                portals.put(portal, sql);
                yield sql;
            }
            case 'E' -> portals.getOrDefault(Message.string(body), "");
            default -> "";
        };
    }
}
