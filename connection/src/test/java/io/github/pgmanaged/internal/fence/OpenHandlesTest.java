package io.github.pgmanaged.internal.fence;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.sql.CallableStatement;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.postgresql.largeobject.LargeObjectManager;

/** A lease keeps no more than the driver does, however long it is and whatever its holder leaves open. */
class OpenHandlesTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** Much more than the room at first. */
    private static final int MANY = 10_000;

    /** What a holder leaves behind; it gives the objects that nobody refers to any more. */
    private interface Leaving {
        List<Object> objects(Lease lease) throws SQLException;
    }

    private static Map<String, Leaving> leavings() {
        Map<String, Leaving> kinds = new LinkedHashMap<>();
        kinds.put("statement", lease -> withRaw(lease.createStatement()));
        kinds.put("result set", lease -> withRaw(lease.createStatement().executeQuery("SELECT 1")));
        kinds.put("result set that ended", lease -> {
            ResultSet rows = lease.createStatement().executeQuery("SELECT 1");
            rows.next();
            rows.next();
            return withRaw(rows, rows.getStatement());
        });
        kinds.put("cursor", lease -> {
            Statement statement = lease.createStatement();
            statement.setFetchSize(1);
            return withRaw(statement, statement.executeQuery("SELECT generate_series(1, 10)"));
        });
        kinds.put("prepared statement", lease -> {
            PreparedStatement statement = lease.prepareStatement("SELECT 1");
            return withRaw(statement, statement.executeQuery(), statement.getMetaData());
        });
        kinds.put("server-prepared statement", lease -> {
            PreparedStatement statement = lease.prepareStatement("SELECT 2");
            statement.unwrap(org.postgresql.PGStatement.class).setPrepareThreshold(-1);
            return withRaw(statement, statement.executeQuery(), statement.getParameterMetaData());
        });
        kinds.put("callable statement", lease -> {
            CallableStatement call = lease.prepareCall("{? = call abs(-1)}");
            call.registerOutParameter(1, java.sql.Types.INTEGER);
            call.execute();
            return withRaw(call);
        });
        kinds.put("statement that closes on completion", lease -> {
            Statement statement = lease.createStatement();
            statement.closeOnCompletion();
            ResultSet rows = statement.executeQuery("SELECT 1");
            rows.close();
            assertThat(statement.isClosed()).isTrue();
            return withRaw(statement, rows);
        });
        kinds.put("generated keys", lease -> {
            PreparedStatement insert = lease.prepareStatement(
                    "INSERT INTO example VALUES (gen_random_uuid(), 'v')", Statement.RETURN_GENERATED_KEYS);
            insert.executeUpdate();
            return withRaw(insert, insert.getGeneratedKeys());
        });
        kinds.put(
                "metadata's result set", lease -> withRaw(lease.getMetaData().getTables(null, null, "example", null)));
        kinds.put("metadata's statement", lease -> {
            ResultSet tables = lease.getMetaData().getTables(null, null, "example", null);
            return withRaw(tables, tables.getStatement());
        });
        kinds.put("array", lease -> {
            ResultSet rows = lease.createStatement().executeQuery("SELECT ARRAY[1, 2]");
            rows.next();
            return withRaw(rows.getArray(1), rows.getArray(1).getResultSet());
        });
        kinds.put("refcursor", lease -> {
            lease.createStatement().execute("DECLARE mine CURSOR FOR SELECT 1");
            ResultSet rows = lease.createStatement().executeQuery("SELECT 'mine'::refcursor");
            rows.next();
            return withRaw(rows.getObject(1));
        });
        kinds.put("blob", lease -> {
            ResultSet rows = lease.createStatement().executeQuery("SELECT lo_from_bytea(0, 'abc')");
            rows.next();
            return withRaw(rows.getBlob(1), rows.getClob(1));
        });
        kinds.put("large object", lease -> {
            LargeObjectManager manager = lease.unwrap(PGConnection.class).getLargeObjectAPI();
            return List.of(manager.open(manager.createLO()));
        });
        kinds.put("copy in", lease -> {
            CopyIn copy = lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN");
            copy.writeToCopy("k\tv\n".getBytes(StandardCharsets.UTF_8), 0, 4);
            copy.endCopy();
            return withRaw(copy);
        });
        kinds.put("copy out", lease -> {
            CopyOut copy = lease.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (SELECT 1) TO STDOUT");
            while (copy.readFromCopy() != null) {
                assertThat(copy.isActive()).isTrue();
            }
            return withRaw(copy);
        });
        kinds.put("xml", lease -> withRaw(lease.createSQLXML()));
        kinds.put("savepoint", lease -> withRaw(lease.setSavepoint()));
        return kinds;
    }

    private static List<Object> withRaw(Object... handles) {
        List<Object> all = new ArrayList<>(List.of(handles));
        for (Object handle : handles) {
            all.add(((Handle) handle).delegate());
        }
        return all;
    }

    private static OpenHandles handlesOf(Lease lease) {
        return ((FencedConnection) lease).fence().handles();
    }

    @Test
    void what_nobody_refers_to_any_more_is_collected_though_it_was_left_open() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            for (Map.Entry<String, Leaving> kind : leavings().entrySet()) {
                List<WeakReference<Object>> left = left(lease, kind.getValue());
                Awaitility.await(kind.getKey()).until(() -> {
                    System.gc();
                    return left.stream().allMatch(object -> object.refersTo(null));
                });
                lease.rollback();
            }
        }
    }

    private static List<WeakReference<Object>> left(Lease lease, Leaving kind) throws SQLException {
        return kind.objects(lease).stream()
                .<WeakReference<Object>>map(WeakReference::new)
                .toList();
    }

    @Test
    void what_is_still_referred_to_is_closed_at_the_release_however_much_was_left_and_collected() throws Exception {
        List<Statement> statements = new ArrayList<>();
        List<ResultSet> resultSets = new ArrayList<>();
        try (Lease lease = DB.manager().acquire()) {
            for (int i = 0; i < MANY; i++) {
                Statement statement = lease.createStatement();
                if (i % 100 == 0) {
                    statements.add(raw(statement));
                    lease.createStatement().close();
                } else if (i % 100 == 1) {
                    resultSets.add(raw(statement.executeQuery("SELECT 1"))); // and nobody refers to its statement
                }
            }
            System.gc();
            resultSets.add(raw(lease.getMetaData().getTables(null, null, "example", null)));
            lease.rollback();
        }
        assertThat(statements).hasSize(MANY / 100);
        for (Statement statement : statements) {
            assertThat(statement.isClosed()).isTrue();
        }
        assertThat(resultSets).hasSize(MANY / 100 + 1);
        for (ResultSet rows : resultSets) {
            assertThat(rows.isClosed()).isTrue();
        }
    }

    @SuppressWarnings("unchecked") // the delegate implements what the handle does
    private static <T> T raw(T handle) {
        return (T) ((Handle) handle).delegate();
    }

    @Test
    void of_a_million_statements_that_were_closed_nothing_is_kept() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            for (int i = 0; i < 1_000_000; i++) {
                lease.createStatement().close();
            }
            assertThat(handlesOf(lease).held()).isLessThan(10);
        }
    }

    @Test
    void of_handles_that_were_collected_nothing_is_kept() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            for (int i = 0; i < MANY; i++) {
                lease.createStatement();
            }
            Awaitility.await().until(() -> {
                System.gc();
                for (int i = 0; i < MANY; i++) {
                    lease.createStatement().close();
                }
                return handlesOf(lease).held() < 10;
            });
        }
    }

    @Test
    void copies_that_have_ended_leave_nothing_behind_for_the_release() throws Exception {
        ManagedConnection manager = DB.manager();
        try (Lease lease = manager.acquire()) {
            for (int i = 0; i < 100; i++) {
                CopyIn copy = lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN");
                copy.endCopy();
            }
            assertThat(handlesOf(lease).held()).isZero();
            lease.commit();
        }
    }

    /** It would take hours if each had to be looked for. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_million_open_handles_are_closed_in_the_order_of_their_opening_as_fast_as_in_any_other() {
        OpenHandles handles = new OpenHandles();
        List<AutoCloseable> opened = new ArrayList<>();
        List<OpenHandles.Entry> entries = new ArrayList<>();
        for (int i = 0; i < 1_000_000; i++) {
            int number = i;
            AutoCloseable handle = () -> assertThat(number).isNegative();
            opened.add(handle);
            entries.add(handles.add(handle));
        }
        assertThat(handles.isEmpty()).isFalse();
        entries.forEach(OpenHandles.Entry::closed);
        assertThat(handles.isEmpty()).isTrue();
        assertThat(opened).hasSize(entries.size());
    }
}
