package io.github.pgmanaged.junit.internal;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What the driver of a URL opens, such as that of Testcontainers. */
public final class UrlDataSource implements DataSource {
    private final String url;

    /** Opens nothing yet. */
    public UrlDataSource(String url) {
        this.url = url;
    }

    /** Whether a string is a URL of another driver than pgjdbc. */
    public static boolean isForeign(String conninfo) {
        return conninfo.startsWith("jdbc:")
                && !conninfo.startsWith("jdbc:postgresql:")
                && !conninfo.startsWith("jdbc:libpq:");
    }

    @Override
    public Connection getConnection() throws SQLException {
        return DriverManager.getConnection(url);
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        return DriverManager.getConnection(url, username, password);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {}

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
