package io.github.pgmanaged.testing;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A data source out of a lambda. */
public final class DataSources {
    private DataSources() {}

    public interface Opening {
        Connection open() throws SQLException;
    }

    public static DataSource of(Opening opening) {
        return new DataSource() {
            @Override
            public Connection getConnection() throws SQLException {
                return opening.open();
            }

            @Override
            public Connection getConnection(String user, String password) throws SQLException {
                return opening.open();
            }

            @Override
            public @Nullable PrintWriter getLogWriter() {
                return null;
            }

            @Override
            public void setLogWriter(PrintWriter out) {}

            @Override
            public void setLoginTimeout(int seconds) {}

            @Override
            public int getLoginTimeout() {
                return 0;
            }

            @Override
            public Logger getParentLogger() {
                return Logger.getGlobal();
            }

            @Override
            public <T> T unwrap(Class<T> type) throws SQLException {
                throw new SQLException("nothing to unwrap");
            }

            @Override
            public boolean isWrapperFor(Class<?> type) {
                return false;
            }
        };
    }

    /** What happens around a call of a connection's method. */
    public interface Around {
        Object call(String method, Callable<Object> go) throws Exception;
    }

    /** A connection that behaves otherwise than the driver's. */
    public static Connection with(Connection raw, Around around) {
        return (Connection) Proxy.newProxyInstance(
                DataSources.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, args) -> around.call(method.getName(), () -> {
                    try {
                        return method.invoke(raw, args);
                    } catch (InvocationTargetException e) {
                        throw (Exception) e.getCause();
                    }
                }));
    }
}
