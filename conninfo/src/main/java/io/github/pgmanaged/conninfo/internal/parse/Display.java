package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.Keyword;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Connection strings as they may be shown: in the form they had, without their secrets. */
public final class Display {
    private Display() {}

    static String ofKeyValues(Map<String, String> values) {
        List<String> pairs = new ArrayList<>();
        values.forEach(
                (word, value) -> pairs.add(word + '=' + (isSecret(word, value) ? UriSecrets.MASK : quoted(value))));
        return String.join(" ", pairs);
    }

    static String ofUri(String uri, Map<String, String> all) {
        if (new UriSecrets(uri).isDoubtful()) {
            return "postgres://" + UriSecrets.MASK;
        }
        Map<String, String> values = new LinkedHashMap<>(all);
        values.entrySet().removeIf(e -> isSecret(e.getKey(), e.getValue()));
        StringBuilder text = new StringBuilder("postgres://");
        String user = encoded(values.get("user"));
        text.append(user).append(user.isEmpty() ? "" : "@");
        boolean inAuthority = hosts(values.get("host"), values.get("port"), text);
        text.append('/').append(encoded(values.get("dbname")));
        char separator = '?';
        for (Map.Entry<String, String> e : values.entrySet()) {
            // What is set to nothing blocks the environment, and has no place before the query.
            boolean shown = !e.getValue().isEmpty() && isShownBefore(e.getKey(), inAuthority);
            if (!shown) {
                text.append(separator).append(e.getKey()).append('=').append(encoded(e.getValue()));
                separator = '&';
            }
        }
        return text.toString();
    }

    private static boolean isShownBefore(String word, boolean inAuthority) {
        return switch (word) {
            case "user", "dbname" -> true;
            case "host", "port" -> inAuthority;
            default -> false;
        };
    }

    /**
     * Writes {@code host:port,host:port}; not, if the lists do not match, since then that form would say another thing.
     */
    private static boolean hosts(@Nullable String hosts, @Nullable String ports, StringBuilder text) {
        if ((hosts != null && hosts.isEmpty()) || (ports != null && ports.isEmpty())) {
            return false;
        }
        String[] host = hosts == null ? new String[] {""} : hosts.split(",", -1);
        String[] port = ports == null ? new String[host.length] : ports.split(",", -1);
        // Commas before the slash would set as many ports.
        if (host.length != port.length || (host.length > 1 && ports == null)) {
            return false;
        }
        for (int i = 0; i < host.length; i++) {
            text.append(i == 0 ? "" : ",");
            text.append(
                    host[i].indexOf(':') >= 0 ? '[' + encoded(host[i]).replace("%3A", ":") + ']' : encoded(host[i]));
            if (port[i] != null && !port[i].isEmpty()) {
                text.append(':').append(encoded(port[i]));
            }
        }
        return true;
    }

    /** Whether it is a secret, or holds one: in {@code options}, or where a quote was forgotten. */
    public static boolean isSecret(String word, String value) {
        return Keyword.of(word).map(Keyword::isSecret).orElse(false) || UriSecrets.setsOne(value);
    }

    private static String quoted(String value) {
        boolean plain = !value.isEmpty() && value.chars().noneMatch(c -> c == '\'' || c == '\\' || c <= ' ');
        return plain ? value : '\'' + value.replace("\\", "\\\\").replace("'", "\\'") + '\'';
    }

    private static String encoded(@Nullable String value) {
        if (value == null || value.chars().allMatch(Display::isPlain)) {
            return value == null ? "" : value;
        }
        StringBuilder text = new StringBuilder(value.length());
        value.codePoints().forEach(c -> {
            if (isPlain(c)) {
                text.appendCodePoint(c);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    text.append(String.format(Locale.ROOT, "%%%02X", b));
                }
            }
        });
        return text.toString();
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c != 0x7f && ":/?#[]@&=%,".indexOf(c) < 0;
    }
}
