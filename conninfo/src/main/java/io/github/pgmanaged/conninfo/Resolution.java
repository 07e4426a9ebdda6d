package io.github.pgmanaged.conninfo;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a connection string leads in an environment: every value with its source, and the candidates in order.
 *
 * <p>Thread safety: immutable.
 */
public final class Resolution {
    private final EnumMap<Keyword, Setting> settings;
    private final List<Candidate> candidates;
    private final List<String> warnings;
    private final Environment environment;

    Resolution(
            EnumMap<Keyword, Setting> settings,
            List<Candidate> candidates,
            List<String> warnings,
            Environment environment) {
        this.settings = new EnumMap<>(settings);
        this.candidates = List.copyOf(candidates);
        this.warnings = List.copyOf(warnings);
        this.environment = environment;
    }

    /**
     * Every keyword that has a value, in libpq's order.
     *
     * @return an unmodifiable list
     */
    public List<Setting> settings() {
        return Collections.unmodifiableList(new ArrayList<>(settings.values()));
    }

    /**
     * The setting of a keyword.
     *
     * @param keyword the keyword
     * @return its value and source, if it has a value
     */
    public Optional<Setting> setting(Keyword keyword) {
        return Optional.ofNullable(settings.get(keyword));
    }

    /**
     * Every value, by libpq's keywords and in libpq's order, as {@code PQconninfo} gives it. A password that comes from
     * a password file belongs to a candidate and is not here.
     *
     * @return an unmodifiable map; it holds secrets as they are
     */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        settings.forEach((keyword, setting) -> values.put(keyword.word(), setting.value()));
        return Collections.unmodifiableMap(values);
    }

    /**
     * The servers to try, in the order of the string. {@code load_balance_hosts=random} shuffles them anew at every
     * opening.
     *
     * @return an unmodifiable list, never empty
     */
    public List<Candidate> candidates() {
        return candidates;
    }

    /**
     * What is ignored, and which password files are: a sentence each.
     *
     * @return an unmodifiable list
     */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * The same for one of its servers alone, so that each can be tried by itself.
     *
     * @param candidate one of {@link #candidates()}
     * @return a new value
     */
    public Resolution only(Candidate candidate) {
        return new Resolution(settings, List.of(candidate), warnings, environment);
    }

    /**
     * Opens a connection: tries the candidates in order, and goes on to the next one exactly when libpq does.
     *
     * @return a connection of pgjdbc's, in autocommit
     * @throws ConnectFailedException if no candidate would do
     * @throws SQLException if the connection fails otherwise
     */
    public Connection connect() throws SQLException {
        return Connector.open(this, 0);
    }

    /** The value, or the empty string, which to libpq is almost always the same as none. */
    String value(Keyword keyword) {
        Setting setting = settings.get(keyword);
        return setting == null ? "" : setting.value();
    }

    Environment environment() {
        return environment;
    }

    /**
     * The settings and the candidates, without secrets.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return "Resolution[" + settings.values() + ", " + candidates + ']';
    }
}
