package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.postgresql.copy.PGCopyInputStream;
import org.postgresql.copy.PGCopyOutputStream;

/** To let go of what belongs to a released lease is no error, so that a finally block hides no exception. */
class FreeingTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** What each method does on a handle of a released lease. All others raise 08003, see {@link FenceTest}. */
    private static final Map<String, String> TABLE = new TreeMap<>(Map.ofEntries(
            Map.entry("Connection.abort", "nothing"),
            Map.entry("Connection.close", "nothing"),
            Map.entry("Connection.isClosed", "true"),
            Map.entry("Connection.isValid", "false"),
            Map.entry("Statement.close", "nothing"),
            Map.entry("Statement.isClosed", "true"),
            Map.entry("ResultSet.close", "nothing"),
            Map.entry("ResultSet.isClosed", "true"),
            Map.entry("Array.free", "nothing"),
            Map.entry("Blob.free", "nothing"),
            Map.entry("Clob.free", "nothing"),
            Map.entry("SQLXML.free", "nothing"),
            Map.entry("CopyOperation.cancelCopy", "nothing"),
            Map.entry("CopyOperation.isActive", "false"),
            Map.entry("LargeObject.close", "nothing")));

    private static final Set<String> NAMES =
            Set.of("close", "free", "abort", "cancelCopy", "isActive", "isClosed", "isValid");

    @Test
    void what_lets_go_and_what_a_closed_object_answers_is_no_error_on_a_handle_of_a_released_lease() throws Exception {
        Lease lease = DB.manager().acquire();
        Map<String, Object> handles = Handles.of(lease);
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);

        assertThat(answers(handles)).isEqualTo(TABLE);
    }

    /** JDBC has no copies; pgjdbc's cannot be cancelled twice. */
    @Test
    void the_drivers_closed_objects_answer_the_same_but_for_a_copy_that_was_cancelled() throws Exception {
        Connection plain = DB.source().getConnection();
        plain.setAutoCommit(false);
        Map<String, Object> handles = Handles.of(plain);
        ((CopyIn) handles.get("copy in")).cancelCopy();
        plain.rollback((Savepoint) handles.get("savepoint"));
        handles.remove("large object"); // the server has closed it by that
        for (Object handle : handles.values()) {
            if (handle instanceof Array array) {
                array.free();
            } else if (handle instanceof Blob blob) {
                blob.free();
            } else if (handle instanceof Clob clob) {
                clob.free();
            } else if (handle instanceof SQLXML xml) {
                xml.free();
            } else if (handle instanceof AutoCloseable closeable && handle != plain) {
                closeable.close();
            }
        }
        plain.close();
        Map<String, String> expected = new LinkedHashMap<>(TABLE);
        expected.put("CopyOperation.cancelCopy", "raised 55000");
        expected.remove("LargeObject.close");

        assertThat(answers(handles)).isEqualTo(expected);
    }

    private static Map<String, String> answers(Map<String, Object> handles) throws IllegalAccessException {
        Map<String, String> answers = new TreeMap<>();
        for (Object handle : handles.values()) {
            for (Class<?> type : Handles.TYPES) {
                for (Method method : type.getMethods()) {
                    if (type.isInstance(handle) && NAMES.contains(method.getName())) {
                        String name = method.getDeclaringClass().getSimpleName() + "." + method.getName();
                        answers.merge(name, answer(handle, method), (a, b) -> a.equals(b) ? a : a + ", " + b);
                    }
                }
            }
        }
        return answers;
    }

    private static String answer(Object handle, Method method) throws IllegalAccessException {
        try {
            Object[] arguments = Arrays.stream(method.getParameterTypes())
                    .map(type -> type == Executor.class ? (Executor) Runnable::run : (Object) 1)
                    .toArray();
            Object answer = method.invoke(handle, arguments);
            return answer == null ? "nothing" : answer.toString();
        } catch (InvocationTargetException e) {
            return "raised " + (e.getCause() instanceof SQLException raised ? raised.getSQLState() : e.getCause());
        }
    }

    @Test
    void a_copy_of_a_released_lease_can_be_let_go_of_in_each_of_its_forms() throws Exception {
        ManagedConnection manager = DB.manager();
        for (int i = 0; i < 2; i++) {
            Lease lease = manager.acquire();
            CopyOut out = lease.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY example TO STDOUT");
            assertThat(out.isActive()).isTrue();
            assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);
            assertThat(out.isActive()).isFalse();
            out.cancelCopy();
        }
        Lease reading = manager.acquire();
        PGCopyInputStream in = new PGCopyInputStream(reading.unwrap(PGConnection.class), "COPY example TO STDOUT");
        assertThat(catchThrowable(reading::close)).isInstanceOf(OpenTransactionException.class);
        in.close();
        Lease writing = manager.acquire();
        PGCopyOutputStream out = new PGCopyOutputStream(writing.unwrap(PGConnection.class), "COPY example FROM STDIN");
        assertThat(catchThrowable(writing::close)).isInstanceOf(OpenTransactionException.class);
        out.close();
    }

    @Test
    void an_abort_or_a_free_after_the_release_touches_nothing_of_the_next_lease() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease old = manager.acquire();
        Array array = old.createArrayOf("int4", new Object[] {1});
        SQLXML xml = old.createSQLXML();
        old.close();
        try (Lease next = manager.acquire()) {
            insert(next, "mine");
            old.abort(Runnable::run);
            array.free();
            xml.free();
            assertThat(old.isValid(1)).isFalse();
            assertThat(state(() -> old.abort(null))).isEqualTo("22023");
            next.commit();
        }
        assertThat(DB.query("SELECT string_agg(key, ',') FROM example")).isEqualTo("mine");
    }
}
