package shop;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.micrometer.ManagedConnectionMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

public final class Shop {
    private final ManagedConnection manager;

    public Shop(ManagedConnection manager, MeterRegistry registry) {
        this.manager = manager;
        new ManagedConnectionMetrics(manager).bindTo(registry);
    }

    public int answer() throws SQLException {
        return manager.inTransaction(connection -> {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT 42")) {
                rows.next();
                return rows.getInt(1);
            }
        });
    }
}
