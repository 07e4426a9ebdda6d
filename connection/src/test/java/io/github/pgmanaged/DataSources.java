package io.github.pgmanaged;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A data source out of a lambda. */
final class DataSources {
    private DataSources() {}

    interface Opening {
        Connection open() throws SQLException;
    }

    static DataSource of(Opening opening) {
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
            public PrintWriter getLogWriter() {
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
}
