package io.github.pgmanaged.spring.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * Where the server is, if something other than {@code pgmanaged.conninfo} says it, which a bean of this type overrides.
 * One is made of the {@code JdbcConnectionDetails} that Testcontainers and Docker Compose contribute.
 */
public interface PgmanagedConnectionDetails extends ConnectionDetails {
    /**
     * The server and the database.
     *
     * @return a libpq connection string, or a {@code jdbc:postgresql:} URL
     */
    String conninfo();

    /**
     * The user, if the string is a {@code jdbc:postgresql:} URL.
     *
     * @return the user; null leaves it to the string
     */
    default @Nullable String user() {
        return null;
    }

    /**
     * The password, if the string is a {@code jdbc:postgresql:} URL.
     *
     * @return the password; null leaves it to the string
     */
    default @Nullable String password() {
        return null;
    }

    /**
     * The details of a {@code jdbc:postgresql:} URL.
     *
     * @param url the URL
     * @param user the user; null leaves it to the URL
     * @param password the password; null leaves it to the URL
     * @return details, whose text has no password
     */
    static PgmanagedConnectionDetails ofJdbcUrl(String url, @Nullable String user, @Nullable String password) {
        return new JdbcUrlDetails(url, user, password);
    }
}
