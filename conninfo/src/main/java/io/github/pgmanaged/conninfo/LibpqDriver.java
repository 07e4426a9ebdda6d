package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.connect.DriverProperties;
import io.github.pgmanaged.conninfo.internal.connect.Pgjdbc;
import io.github.pgmanaged.conninfo.internal.parse.LibpqUrl;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A JDBC driver for URLs that are {@code jdbc:libpq:} and then any connection string of libpq's, for pools, frameworks
 * and tools that take a URL:
 *
 * <pre>{@code
 * jdbc:libpq:service=prod
 * jdbc:libpq:host=/run/postgresql dbname=books
 * jdbc:libpq:postgres://db1,db2/books?target_session_attrs=primary
 * }</pre>
 *
 * <p>It is registered by being on the class path or the module path. What it gives are connections of pgjdbc's, opened
 * as by {@link LibpqDataSource}; the URL of their metadata is pgjdbc's, without a password.
 *
 * <p>Properties given beside the URL have libpq's keywords or pgjdbc's names ({@code user}, {@code password},
 * {@code ApplicationName}, {@code connectTimeout}, …) and go before the string. Pgjdbc's properties that no keyword
 * stands for ({@code prepareThreshold}, {@code socketTimeout}, …) are handed on; those that would go round libpq's
 * rules ({@code socketFactory}, {@code sslfactory}, {@code ssl}, …) are refused; a name that neither knows is ignored
 * with a warning.
 *
 * <p>Thread safety: safe.
 */
public final class LibpqDriver implements Driver {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(LibpqDriver.class);

    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    static {
        try {
            DriverManager.registerDriver(new LibpqDriver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Made by {@link java.util.ServiceLoader}, or by a tool that is given the class's name. */
    public LibpqDriver() {}

    /**
     * Whether a URL is for this driver.
     *
     * @param url the URL
     * @return whether it begins with {@code jdbc:libpq:}
     */
    @Override
    public boolean acceptsURL(String url) {
        return LibpqUrl.is(url);
    }

    /**
     * Opens a connection.
     *
     * @param url {@code jdbc:libpq:} and a connection string
     * @param info properties that go before the string; {@code loginTimeout} bounds the whole opening in seconds, else
     *     {@link DriverManager#getLoginTimeout()} does
     * @return a connection of pgjdbc's, in autocommit; null if the URL is for another driver
     * @throws ConnectFailedException if no candidate would do
     * @throws SQLException with SQLState 08001 if the string or a property cannot be understood or honoured
     */
    @Override
    public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
        if (!acceptsURL(url)) {
            return null;
        }
        Pgjdbc.checkVersion();
        LibpqDataSource source;
        try {
            DriverProperties properties = DriverProperties.of(info == null ? new Properties() : info);
            for (String name : properties.unknown()) {
                if (warned.add(name)) {
                    LOG.warn("The property \"{}\" is neither libpq's nor pgjdbc's, and is ignored", name);
                }
            }
            source = new LibpqDataSource(
                    ConnInfo.parse(url).with(properties.keywords()), Environment::current, properties.own());
            Integer seconds = properties.loginTimeout();
            source.setLoginTimeout(seconds == null ? DriverManager.getLoginTimeout() : seconds);
        } catch (InvalidConnInfoException e) {
            throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
        }
        return source.getConnection();
    }

    /**
     * The keywords, each with the value that it has by the URL and the properties. Secrets have no value here.
     *
     * @param url the URL
     * @param info properties that go before the string
     * @return one for each keyword
     * @throws SQLException with SQLState 08001 if the string or a property cannot be understood
     */
    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info) throws SQLException {
        Pgjdbc.checkVersion();
        Map<String, String> values;
        try {
            DriverProperties properties = DriverProperties.of(info == null ? new Properties() : info);
            values = ConnInfo.parse(acceptsURL(url) ? url : "")
                    .with(properties.keywords())
                    .values();
        } catch (InvalidConnInfoException e) {
            throw new SQLNonTransientConnectionException(e.getMessage(), "08001", e);
        }
        Keyword[] keywords = Keyword.values();
        DriverPropertyInfo[] infos = new DriverPropertyInfo[keywords.length];
        for (int i = 0; i < keywords.length; i++) {
            Keyword keyword = keywords[i];
            String value = keyword.isSecret()
                    ? null
                    : values.getOrDefault(keyword.word(), keyword.defaultValue().orElse(null));
            infos[i] = new DriverPropertyInfo(keyword.word(), value);
            infos[i].description = keyword.effect();
            List<String> choices = DriverProperties.choices(keyword);
            if (choices != null) {
                infos[i].choices = choices.toArray(new String[0]);
            }
        }
        return infos;
    }

    /**
     * The major version of this driver.
     *
     * @return 0
     */
    @Override
    public int getMajorVersion() {
        return 0;
    }

    /**
     * The minor version of this driver.
     *
     * @return 1
     */
    @Override
    public int getMinorVersion() {
        return 1;
    }

    /**
     * As pgjdbc.
     *
     * @return false
     */
    @Override
    public boolean jdbcCompliant() {
        return false;
    }

    /**
     * Not supported: what is logged goes to SLF4J.
     *
     * @return never
     * @throws SQLFeatureNotSupportedException always
     */
    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("what is logged goes to SLF4J", "0A000");
    }
}
