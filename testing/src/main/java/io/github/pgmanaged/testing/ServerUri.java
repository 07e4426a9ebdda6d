package io.github.pgmanaged.testing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database that a connection URI names, on a server over TCP. The URI is read here and not by {@code conninfo}, whose
 * tests use this module.
 *
 * <p>Thread safety: immutable.
 */
final class ServerUri {
    private static final Pattern SHAPE = Pattern.compile("postgres(?:ql)?://([^@/?]*@)?([^@/?]*)(?:/([^?]*))?(\\?.*)?");

    private final String login;
    private final String address;
    private final String database;
    private final String query;

    private ServerUri(String login, String address, String database, String query) {
        this.login = login;
        this.address = address;
        this.database = database;
        this.query = query;
    }

    /**
     * Reads a URI.
     *
     * @throws IllegalArgumentException if it is none; the message does not hold it, since it may hold a password
     */
    static ServerUri parse(String uri) {
        Matcher parts = SHAPE.matcher(uri);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "The tests need their server as postgres://user:password@host:port/database?name=value");
        }
        return new ServerUri(orEmpty(parts, 1), orEmpty(parts, 2), orEmpty(parts, 3), orEmpty(parts, 4));
    }

    private static String orEmpty(Matcher parts, int group) {
        return parts.start(group) < 0 ? "" : parts.group(group);
    }

    /** Another database of the same server. */
    ServerUri withDatabase(String other) {
        return new ServerUri(login, address, other, query);
    }

    /** The URI, with its password. */
    String text() {
        return "postgres://" + login + address + "/" + database + query;
    }

    /** The same for pgjdbc. It passes over the parameters that only libpq knows. */
    PGSimpleDataSource source() throws SQLException {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setURL("jdbc:postgresql://" + address + "/" + database + query);
        if (!login.isEmpty()) {
            String[] userAndPassword = login.substring(0, login.length() - 1).split(":", 2);
            source.setUser(decoded(userAndPassword[0]));
            if (userAndPassword.length == 2) {
                source.setPassword(decoded(userAndPassword[1]));
            }
        }
        return source;
    }

    /** A plus sign stands for itself in the URI of a server. */
    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
