package io.github.pgmanaged.conninfo.internal.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;

/**
 * The packet that begins a session, with the settings that libpq would send. pgjdbc's has settings of its own, which go
 * before the server's, the database's, the role's and those of {@code options}: the JVM's time zone, a style of dates,
 * an application's name even if it is empty. They are left out.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">PostgreSQL manual, "Message
 *     Formats", StartupMessage</a>
 */
final class StartPacket {
    /** Before the first parameter: the length and the protocol's version. */
    static final int HEADER = 8;

    /** Longer ones no server takes. */
    static final int LONGEST = 10_000;

    private static final Set<String> DRIVERS = Set.of("DateStyle", "TimeZone");

    /** The names and values of the settings that the session is to begin with. */
    private final Map<String, String> settings = new TreeMap<>();

    /** The settings are those properties whose names begin with {@link LibpqSocketFactory#START}. */
    StartPacket(Properties properties) {
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith(LibpqSocketFactory.START)) {
                settings.put(name.substring(LibpqSocketFactory.START.length()), properties.getProperty(name));
            }
        }
    }

    /** The packet to be sent instead of the driver's. */
    byte[] insteadOf(byte[] packet) {
        List<String> words = words(packet);
        ByteArrayOutputStream parameters = new ByteArrayOutputStream();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            String name = words.get(i);
            String value = words.get(i + 1);
            if (!DRIVERS.contains(name) && !(name.equals("application_name") && value.isEmpty())) {
                put(name, parameters);
                put(value, parameters);
            }
        }
        settings.forEach((name, value) -> {
            put(name, parameters);
            put(value, parameters);
        });
        parameters.write(0);
        return ByteBuffer.allocate(HEADER + parameters.size())
                .putInt(HEADER + parameters.size())
                .put(packet, Integer.BYTES, HEADER - Integer.BYTES)
                .put(parameters.toByteArray())
                .array();
    }

    /** Names and values by turns; after them the packet has a NUL of its own. */
    private static List<String> words(byte[] packet) {
        List<String> words = new ArrayList<>();
        int begin = HEADER;
        for (int i = HEADER; i < packet.length - 1; i++) {
            if (packet[i] == 0) {
                words.add(new String(packet, begin, i - begin, StandardCharsets.UTF_8));
                begin = i + 1;
            }
        }
        return words;
    }

    private static void put(String word, ByteArrayOutputStream parameters) {
        parameters.writeBytes(word.getBytes(StandardCharsets.UTF_8));
        parameters.write(0);
    }
}
