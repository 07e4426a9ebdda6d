package io.github.pgmanaged.spring.boot;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A URL with the user and the password beside it, which become parameters of it. Its text shows neither. */
record JdbcUrlDetails(
        String url, @Nullable String user, @Nullable String password) implements PgmanagedConnectionDetails {
    /** What has parameters behind a question mark. The other form has keywords and values. */
    private static final Pattern URL = Pattern.compile("jdbc:postgresql:|(jdbc:libpq:)?postgres(ql)?://");

    @Override
    public String conninfo() {
        return url;
    }

    /** The string to connect by, with user and password. */
    static String complete(PgmanagedConnectionDetails details) {
        return with("password", details.password(), with("user", details.user(), details.conninfo()));
    }

    private static String with(String keyword, @Nullable String value, String conninfo) {
        if (value == null) {
            return conninfo;
        }
        return URL.matcher(conninfo).lookingAt()
                ? conninfo
                        + (conninfo.indexOf('?') < 0 ? '?' : '&')
                        + keyword
                        + '='
                        + URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20")
                : conninfo + ' ' + keyword + "='" + value.replaceAll("(['\\\\])", "\\\\$1") + '\'';
    }

    @Override
    public String toString() {
        return "JDBC connection details";
    }
}
