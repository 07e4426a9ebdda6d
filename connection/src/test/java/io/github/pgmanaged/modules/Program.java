package io.github.pgmanaged.modules;

import io.github.pgmanaged.ManagedConnection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A program that uses a manager, and says with which modules. */
final class Program {
    private Program() {}

    public static void main(String[] args) throws SQLException {
        try (ManagedConnection manager =
                ManagedConnection.builder(args[0]).registerMBean(true).build()) {
            int answer = manager.inTransaction(lease -> {
                try (Statement statement = lease.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT 42")) {
                    rows.next();
                    return rows.getInt(1);
                }
            });
            System.out.println(
                    "answer " + answer + ", leases " + manager.stats().leases());
        }
        for (String module : new String[] {"io.github.pgmanaged", "jdk.jfr", "java.management"}) {
            System.out.println(
                    module + " " + ModuleLayer.boot().findModule(module).isPresent());
        }
    }
}
