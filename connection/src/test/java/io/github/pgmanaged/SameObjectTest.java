package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Where the driver gives the same object each time, a lease does, too. */
class SameObjectTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** Differs on purpose: the driver gives its own map, and who writes to it changes the session. */
    private static final Set<String> COPIES = Set.of("Connection.getClientInfo");

    @Test
    void a_lease_and_its_handles_give_the_same_object_again_where_the_driver_does() throws Exception {
        Map<String, String> drivers;
        try (Connection plain = DB.source().getConnection()) {
            plain.setAutoCommit(false);
            drivers = asked(handles(plain));
        }
        Map<String, String> ours;
        try (Lease lease = DB.manager().acquire()) {
            ours = asked(handles(lease));
            lease.rollback();
        }

        assertThat(ours).isEqualTo(drivers);
        assertThat(drivers)
                .containsEntry("connection: Connection.getMetaData", "the same")
                .containsEntry("connection: PGConnection.getCopyAPI", "the same")
                .containsEntry("connection: PGConnection.getLargeObjectAPI", "the same")
                .containsEntry("prepared statement: PreparedStatement.getMetaData", "the same")
                .containsEntry("statement: Statement.getResultSet", "the same")
                .containsEntry("statement: Statement.getConnection", "the same")
                .containsEntry("result set: ResultSet.getMetaData", "the same")
                .containsEntry("result set: ResultSet.getStatement", "the same")
                .containsEntry("keys: ResultSet.getStatement", "the same")
                .containsEntry("array: Array.getResultSet", "another");
    }

    private static Map<String, Object> handles(Connection connection) throws SQLException {
        Map<String, Object> handles = Handles.of(connection);
        ((CopyIn) handles.get("copy in")).cancelCopy();
        connection.rollback((Savepoint) handles.remove("savepoint"));
        PreparedStatement keys =
                connection.prepareStatement("INSERT INTO example VALUES ('k', 'v')", Statement.RETURN_GENERATED_KEYS);
        keys.executeUpdate();
        handles.put("keys", keys.getGeneratedKeys());
        handles.put("keys' statement", keys);
        return handles;
    }

    /** What each getter without parameters answers when it is asked twice. */
    private static Map<String, String> asked(Map<String, Object> handles) throws ReflectiveOperationException {
        Map<String, String> answers = new TreeMap<>();
        for (Map.Entry<String, Object> handle : handles.entrySet()) {
            for (Class<?> type : Handles.TYPES) {
                for (Method method : type.getMethods()) {
                    String name = type.getSimpleName() + "." + method.getName();
                    if (type.isInstance(handle.getValue()) && isGetter(method) && !COPIES.contains(name)) {
                        answers.put(handle.getKey() + ": " + name, askedTwice(handle.getValue(), method));
                    }
                }
            }
        }
        return answers;
    }

    private static boolean isGetter(Method method) {
        Class<?> type = method.getReturnType();
        return method.getName().startsWith("get")
                && method.getParameterCount() == 0
                && !type.isPrimitive()
                && type != String.class;
    }

    private static String askedTwice(Object handle, Method method) throws ReflectiveOperationException {
        try {
            Object first = method.invoke(handle);
            return first == null ? "nothing" : first == method.invoke(handle) ? "the same" : "another";
        } catch (InvocationTargetException e) {
            return "raised " + ((SQLException) e.getCause()).getSQLState();
        }
    }

    @Test
    void two_handles_are_equal_where_the_drivers_are() throws Exception {
        try (Connection plain = DB.source().getConnection();
                Lease lease = DB.manager().acquire()) {
            plain.setAutoCommit(false);
            assertThat(equalPairs(lease)).isEqualTo(equalPairs(plain));
            lease.rollback();
        }
    }

    /** Whether two objects that stand for the same thing are equal. */
    private static Map<String, Boolean> equalPairs(Connection connection) throws SQLException {
        execute(connection, "CREATE TEMP TABLE lob AS SELECT lo_from_bytea(0, 'abc') AS lob, 1 AS one");
        ResultSet row =
                connection.createStatement().executeQuery("SELECT ARRAY[1], lob, '<a/>'::xml, point(1, 2) FROM lob");
        row.next();
        Map<String, Boolean> pairs = new TreeMap<>();
        pairs.put("arrays", row.getArray(1).equals(row.getArray(1)));
        pairs.put("blobs", row.getBlob(2).equals(row.getBlob(2)));
        pairs.put("clobs", row.getClob(2).equals(row.getClob(2)));
        pairs.put("xml", row.getSQLXML(3).equals(row.getSQLXML(3)));
        pairs.put("points", Objects.equals(row.getObject(4), row.getObject(4)));
        pairs.put("savepoints", connection.setSavepoint("a").equals(connection.setSavepoint("a")));
        pairs.put("views", connection.unwrap(PGConnection.class).equals(connection.unwrap(PGConnection.class)));
        return pairs;
    }
}
