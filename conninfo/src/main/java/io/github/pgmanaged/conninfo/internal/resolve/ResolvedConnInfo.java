package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Setting;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a connection string leads in an environment.
 *
 * <p>Thread safety: immutable.
 *
 * @param settings every keyword that has a value, in libpq's order
 * @param servers in the order of the string, never empty
 * @param warnings what is ignored, and which password files are: a sentence each
 */
public record ResolvedConnInfo(
        Map<Keyword, Setting> settings, List<Server> servers, List<String> warnings, Environment environment) {

    public ResolvedConnInfo {
        settings = Collections.unmodifiableMap(new EnumMap<>(settings));
        servers = List.copyOf(servers);
        warnings = List.copyOf(warnings);
    }

    /** The same for one of its servers alone. */
    public ResolvedConnInfo only(Server server) {
        return new ResolvedConnInfo(settings, List.of(server), warnings, environment);
    }

    /** The value, or the empty string, which to libpq is almost always the same as none. */
    public String value(Keyword keyword) {
        Setting setting = settings.get(keyword);
        return setting == null ? "" : setting.value();
    }

    /** Every value, by libpq's keywords and in its order; it holds secrets. */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        settings.forEach((keyword, setting) -> values.put(keyword.word(), setting.value()));
        return Collections.unmodifiableMap(values);
    }

    /** The settings and the servers, without secrets. */
    @Override
    public String toString() {
        return settings.values() + ", " + servers;
    }
}
