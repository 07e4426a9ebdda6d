package io.github.pgmanaged.spring.boot;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A URL with the user and the password beside it, which become parameters of it. Its text shows neither. */
record JdbcUrlDetails(
        String url, @Nullable String user, @Nullable String password) implements PgmanagedConnectionDetails {
    @Override
    public String conninfo() {
        return url;
    }

    /** The string to connect by, with user and password. */
    static String complete(PgmanagedConnectionDetails details) {
        return with("password", details.password(), with("user", details.user(), details.conninfo()));
    }

    private static String with(String parameter, @Nullable String value, String url) {
        if (value == null) {
            return url;
        }
        return url
                + (url.indexOf('?') < 0 ? '?' : '&')
                + parameter
                + '='
                + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "JDBC connection details";
    }
}
