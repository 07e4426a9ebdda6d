package io.github.pgmanaged.conninfo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Questions to a server. */
public final class Ask {
    private Ask() {}

    /** The first value of the answer. */
    public static String one(Connection connection, String question) throws SQLException {
        return row(connection, question).get(0);
    }

    /** Opens, asks and closes. */
    public static String one(DataSource source, String question) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return one(connection, question);
        }
    }

    /** The first row of the answer; nulls are in it. */
    public static List<String> row(Connection connection, String question) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(question)) {
            List<String> row = new ArrayList<>();
            answer.next();
            for (int i = 1; i <= answer.getMetaData().getColumnCount(); i++) {
                row.add(answer.getString(i));
            }
            return row;
        }
    }
}
