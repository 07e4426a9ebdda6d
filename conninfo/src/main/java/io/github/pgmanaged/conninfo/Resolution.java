package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.connect.Connector;
import io.github.pgmanaged.conninfo.internal.resolve.ResolvedConnInfo;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a connection string leads in an environment: every value with its source, and the candidates in order.
 *
 * <p>Thread safety: immutable.
 */
public final class Resolution {
    private final ResolvedConnInfo resolved;
    private final List<Candidate> candidates;

    Resolution(ResolvedConnInfo resolved) {
        this.resolved = resolved;
        this.candidates = resolved.servers().stream().map(Candidate::new).toList();
    }

    /**
     * Every keyword that has a value, in libpq's order.
     *
     * @return an unmodifiable list
     */
    public List<Setting> settings() {
        return List.copyOf(resolved.settings().values());
    }

    /**
     * The setting of a keyword.
     *
     * @param keyword the keyword
     * @return its value and source, if it has a value
     */
    public Optional<Setting> setting(Keyword keyword) {
        return Optional.ofNullable(resolved.settings().get(keyword));
    }

    /**
     * Every value, by libpq's keywords and in libpq's order, as {@code PQconninfo} gives it. A password that comes from
     * a password file belongs to a candidate and is not here.
     *
     * @return an unmodifiable map; it holds secrets as they are
     */
    public Map<String, String> values() {
        return resolved.values();
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
        return resolved.warnings();
    }

    /**
     * The same for one of its servers alone, so that each can be tried by itself.
     *
     * @param candidate one of {@link #candidates()}
     * @return a new value
     */
    public Resolution only(Candidate candidate) {
        return new Resolution(resolved.only(candidate.server()));
    }

    /**
     * Opens a connection: tries the candidates in order, and goes on to the next one exactly when libpq does.
     *
     * @return a connection of pgjdbc's, in autocommit
     * @throws ConnectFailedException if no candidate would do
     * @throws SQLException if the connection fails otherwise
     */
    public Connection connect() throws SQLException {
        return connect(0, Map.of());
    }

    /** The same within a time in seconds, 0 is for ever; with properties of pgjdbc's that no keyword stands for. */
    Connection connect(int seconds, Map<String, String> properties) throws SQLException {
        return Connector.open(resolved, properties, seconds, ConnectFailedException::of);
    }

    ResolvedConnInfo resolved() {
        return resolved;
    }

    /**
     * The settings and the candidates, without secrets.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return "Resolution[" + resolved + ']';
    }
}
