package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;

import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.PGRefCursorResultSet;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/**
 * One of everything that a connection gives out, by name. The connection, a lease or a plain one, is left in a
 * transaction.
 */
final class Handles {
    /** What JDBC and pgjdbc say a handle can do. */
    static final List<Class<?>> TYPES = List.of(
            Connection.class,
            Statement.class,
            PreparedStatement.class,
            CallableStatement.class,
            ResultSet.class,
            DatabaseMetaData.class,
            ResultSetMetaData.class,
            ParameterMetaData.class,
            Array.class,
            Blob.class,
            Clob.class,
            SQLXML.class,
            Savepoint.class,
            PGConnection.class,
            PGStatement.class,
            PGRefCursorResultSet.class,
            PGResultSetMetaData.class,
            CopyManager.class,
            CopyIn.class,
            LargeObjectManager.class,
            LargeObject.class);

    private Handles() {}

    static Map<String, Object> of(Connection connection) throws SQLException {
        Map<String, Object> handles = new LinkedHashMap<>();
        handles.put("connection", connection);
        PGConnection pg = connection.unwrap(PGConnection.class);
        handles.put("PGConnection", pg);
        handles.put("metadata", connection.getMetaData());
        handles.put("metadata's result set", connection.getMetaData().getTables(null, null, "example", null));
        Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
        handles.put("statement", statement);
        execute(connection, "CREATE TEMP TABLE IF NOT EXISTS lobs (id int PRIMARY KEY, lob oid) ON COMMIT DROP");
        String oid = query(connection, "INSERT INTO lobs VALUES (1, lo_from_bytea(0, 'abc')) RETURNING lob");
        ResultSet rows = statement.executeQuery("SELECT id, lob FROM lobs");
        rows.next();
        handles.put("result set", rows);
        handles.put("result set's metadata", rows.getMetaData());
        handles.put("blob", rows.getBlob(2));
        handles.put("blob's input stream", rows.getBlob(2).getBinaryStream());
        handles.put("blob's output stream", rows.getBlob(2).setBinaryStream(1));
        handles.put("clob", rows.getClob(2));
        handles.put("clob's reader", rows.getClob(2).getCharacterStream());
        PreparedStatement prepared = connection.prepareStatement("SELECT ?::int[]");
        prepared.setArray(1, connection.createArrayOf("int4", new Object[] {1, 2}));
        handles.put("prepared statement", prepared);
        handles.put("parameter metadata", prepared.getParameterMetaData());
        ResultSet arrays = prepared.executeQuery();
        arrays.next();
        handles.put("array", arrays.getArray(1));
        handles.put("array as object", arrays.getObject(1));
        handles.put("array as typed object", arrays.getObject(1, java.sql.Array.class));
        handles.put("array's result set", arrays.getArray(1).getResultSet());
        handles.put("created array", connection.createArrayOf("int4", new Object[] {1, 2}));
        CallableStatement callable = connection.prepareCall("{? = call abs(?)}");
        callable.registerOutParameter(1, java.sql.Types.INTEGER);
        handles.put("callable statement", callable);
        SQLXML xml = connection.createSQLXML();
        xml.setString("<a/>");
        handles.put("xml", xml);
        handles.put("savepoint", connection.setSavepoint("here"));
        CopyManager copy = pg.getCopyAPI();
        handles.put("copy manager", copy);
        LargeObjectManager largeObjects = pg.getLargeObjectAPI();
        handles.put("large object manager", largeObjects);
        LargeObject largeObject = largeObjects.open(Long.parseLong(oid));
        handles.put("large object", largeObject);
        handles.put("copy in", copy.copyIn("COPY example FROM STDIN"));
        return handles;
    }
}
