package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgArray;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgResultSet;
import org.postgresql.jdbc.PgStatement;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

/** Everything that came from a lease dies with it, wherever it was kept. */
class FenceTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** {@link FreeingTest} has what they do. A large object's number is no use of the session. */
    private static final Set<String> HARMLESS =
            Set.of("close", "free", "abort", "cancelCopy", "isActive", "isClosed", "isValid", "getOID", "getLongOID");

    @Test
    void every_method_of_every_handle_of_a_released_lease_raises_08003() throws Exception {
        Lease lease = DB.manager().acquire();
        Map<String, Object> handles = Handles.of(lease);
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);

        List<String> alive = new ArrayList<>();
        Set<String> tried = new LinkedHashSet<>();
        for (Map.Entry<String, Object> handle : handles.entrySet()) {
            for (Class<?> type : Handles.TYPES) {
                if (type.isInstance(handle.getValue())) {
                    for (Method method : type.getMethods()) {
                        if (isUse(method)) {
                            tried.add(type.getSimpleName() + "." + method);
                            Throwable raised = raised(handle.getValue(), method);
                            if (!(raised instanceof SQLException e && "08003".equals(e.getSQLState()))) {
                                alive.add(handle.getKey() + ": " + method + " -> " + raised);
                            }
                        }
                    }
                }
            }
        }

        assertThat(alive).isEmpty();
        assertThat(Handles.TYPES)
                .allSatisfy(type -> assertThat(tried)
                        .as("a handle of each type was tried")
                        .anyMatch(name -> name.startsWith(type.getSimpleName() + ".")));
        assertThat(tried).hasSizeGreaterThan(800);
    }

    private static boolean isUse(Method method) {
        return !Modifier.isStatic(method.getModifiers())
                && method.getDeclaringClass() != Object.class
                && !HARMLESS.contains(method.getName());
    }

    private static Throwable raised(Object handle, Method method) {
        try {
            method.invoke(
                    handle,
                    Arrays.stream(method.getParameterTypes())
                            .map(FenceTest::anyValue)
                            .toArray());
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(method.toString(), e);
        }
    }

    private static Object anyValue(Class<?> type) {
        if (type == boolean.class) {
            return false;
        }
        if (type == byte.class) {
            return (byte) 1;
        }
        if (type == short.class) {
            return (short) 1;
        }
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == float.class) {
            return 1f;
        }
        if (type == double.class) {
            return 1d;
        }
        return type == String.class ? "x" : null;
    }

    @Test
    void closing_and_asking_whether_it_is_closed_do_nothing_on_handles_of_a_released_lease() throws Exception {
        Lease lease = DB.manager().acquire();
        Map<String, Object> handles = Handles.of(lease);
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);

        for (Object handle : handles.values()) {
            if (handle instanceof Connection c) {
                c.close();
                assertThat(c.isClosed()).isTrue();
            } else if (handle instanceof Statement s) {
                s.close();
                assertThat(s.isClosed()).isTrue();
            } else if (handle instanceof ResultSet r) {
                r.close();
                assertThat(r.isClosed()).isTrue();
            } else if (handle instanceof AutoCloseable closeable) {
                closeable.close();
            }
            assertThat(handle).hasToString(handle.toString()).isEqualTo(handle);
            assertThat(handle.hashCode()).isEqualTo(handle.hashCode());
        }
        assertThat(lease.status()).isEqualTo(TransactionStatus.CLOSED);
        lease.closeOnRelease();
    }

    @Test
    void streams_of_a_released_lease_are_dead() throws Exception {
        Lease lease = DB.manager().acquire();
        Map<String, Object> handles = Handles.of(lease);
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);

        InputStream in = (InputStream) handles.get("blob's input stream");
        OutputStream out = (OutputStream) handles.get("blob's output stream");
        Reader reader = (Reader) handles.get("clob's reader");
        for (Throwable raised : List.of(
                catchThrowable(in::read),
                catchThrowable(() -> in.read(new byte[10])),
                catchThrowable(() -> in.skip(1)),
                catchThrowable(in::available),
                catchThrowable(() -> out.write(1)),
                catchThrowable(() -> out.write(new byte[10])),
                catchThrowable(out::flush),
                catchThrowable(reader::read))) {
            assertThat(raised.getCause()).isInstanceOf(LeaseReleasedException.class);
        }
        in.close();
        out.close();
        reader.close();
    }

    @Test
    void a_lease_kept_and_used_while_the_next_holder_works_touches_nothing_of_it() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease old = manager.acquire();
        PreparedStatement kept = old.prepareStatement("INSERT INTO example VALUES (?, 'stale')");
        kept.setString(1, "stale");
        ResultSet cursor = old.createStatement().executeQuery("SELECT 1");
        old.commit();
        old.close();

        try (Lease next = manager.acquire()) {
            insert(next, "mine");
            assertThat(state(kept::executeUpdate)).isEqualTo("08003");
            assertThat(state(cursor::next)).isEqualTo("08003");
            assertThat(state(old::rollback)).isEqualTo("08003");
            assertThat(state(old::commit)).isEqualTo("08003");
            assertThat(state(() -> old.setAutoCommit(true))).isEqualTo("08003");
            old.abort(Runnable::run);
            assertThat(old.isValid(1)).isFalse();
            assertThat(state(() -> old.unwrap(PgConnection.class))).isEqualTo("08003");
            old.close();
            kept.close();
            assertThat(next.status()).isEqualTo(TransactionStatus.IN_TRANSACTION);
            next.commit();
        }
        assertThat(DB.query("SELECT string_agg(key, ',') FROM example")).isEqualTo("mine");
    }

    @Test
    void no_call_reaches_the_session_once_a_release_has_returned() throws Exception {
        ManagedConnection manager = DB.manager();
        for (int i = 0; i < 100; i++) {
            Lease lease = manager.acquire();
            lease.setAutoCommit(true);
            PreparedStatement insert =
                    lease.prepareStatement("INSERT INTO example SELECT gen_random_uuid()::text, 'straggler'");
            insert.executeUpdate();
            CompletableFuture<Throwable> straggler = Elsewhere.call(() -> catchThrowable(() -> {
                while (true) {
                    insert.executeUpdate();
                }
            }));
            insert.executeUpdate();
            lease.close();
            long atRelease = DB.rows();

            try (Lease next = manager.acquire()) {
                assertThat(query(next, "SELECT 1")).isEqualTo("1");
                next.commit();
            }
            assertThat(((SQLException) straggler.get()).getSQLState()).isIn("08003", "57014");
            assertThat(DB.rows()).isEqualTo(atRelease);
        }
    }

    @Test
    void every_way_back_to_the_connection_leads_to_the_lease() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            Statement statement = lease.createStatement();
            assertThat(statement.getConnection()).isSameAs(lease);
            ResultSet rows = statement.executeQuery("SELECT ARRAY[1]");
            assertThat(rows.getStatement()).isSameAs(statement);
            assertThat(statement.getResultSet()).isSameAs(rows);
            rows.next();
            assertThat(rows.getArray(1).getResultSet().getStatement().getConnection())
                    .isSameAs(lease);
            assertThat(lease.getMetaData().getConnection()).isSameAs(lease);
            ResultSet tables = lease.getMetaData().getTables(null, null, null, null);
            assertThat(tables.getStatement().getConnection()).isSameAs(lease);
            assertThat(tables.getStatement()).isSameAs(tables.getStatement());
            assertThat((Object) lease.unwrap(PGConnection.class)).isSameAs(lease);
            assertThat((Object) lease.unwrap(Connection.class)).isSameAs(lease);
            assertThat(statement.unwrap(PGStatement.class)).isSameAs(statement);
            ResultSet keys;
            try (PreparedStatement returning =
                    lease.prepareStatement("INSERT INTO example VALUES ('k', 'v')", Statement.RETURN_GENERATED_KEYS)) {
                returning.executeUpdate();
                keys = returning.getGeneratedKeys();
                assertThat(keys.getStatement()).isSameAs(returning);
            }
            try (CallableStatement call = lease.prepareCall("{? = call unistr('c')}")) {
                call.registerOutParameter(1, java.sql.Types.VARCHAR);
                call.execute();
                assertThat(call.getConnection()).isSameAs(lease);
            }
            execute(
                    lease,
                    "CREATE FUNCTION pg_temp.cursor() RETURNS refcursor LANGUAGE plpgsql AS"
                            + " $$ DECLARE c refcursor; BEGIN OPEN c FOR SELECT 7; RETURN c; END $$");
            ResultSet outer = lease.createStatement().executeQuery("SELECT pg_temp.cursor()");
            outer.next();
            ResultSet inner = (ResultSet) outer.getObject(1);
            assertThat(inner.getStatement().getConnection()).isSameAs(lease);
            assertThat(inner.getClass()).isNotEqualTo(PgResultSet.class);
            lease.rollback();
        }
    }

    @Test
    void unwrapping_to_a_class_of_the_driver_costs_the_session_and_nothing_else_does() throws Exception {
        ManagedConnection manager = DB.manager();
        List<Action<SQLException>> escapes = List.of(
                lease -> lease.unwrap(PgConnection.class),
                lease -> lease.unwrap(org.postgresql.core.BaseConnection.class),
                lease -> lease.createStatement().unwrap(PgStatement.class),
                lease -> lease.prepareStatement("SELECT 1").unwrap(PgStatement.class),
                lease -> lease.createStatement().executeQuery("SELECT 1").unwrap(PgResultSet.class),
                lease -> {
                    ResultSet rows = lease.createStatement().executeQuery("SELECT ARRAY[1]");
                    rows.next();
                    rows.getArray(1).getResultSet().unwrap(PgResultSet.class);
                },
                lease -> lease.getMetaData().unwrap(org.postgresql.jdbc.PgDatabaseMetaData.class),
                lease -> lease.unwrap(PGConnection.class).getReplicationAPI(),
                lease -> lease.unwrap(PGConnection.class).addDataType("point", org.postgresql.geometric.PGbox.class));
        for (Action<SQLException> escape : escapes) {
            int before = pid(manager);
            manager.useConnection(lease -> {
                escape.run(lease);
                lease.commit();
            });
            assertThat(manager.isOpen()).isFalse();
            assertThat(pid(manager)).isNotEqualTo(before);
        }
        int before = pid(manager);
        manager.useConnection(lease -> {
            assertThat(lease.isWrapperFor(PgConnection.class)).isTrue();
            assertThat(lease.isWrapperFor(PGConnection.class)).isTrue();
            assertThat(lease.isWrapperFor(PgArray.class)).isFalse();
            assertThat(state(() -> lease.unwrap(PgArray.class))).isEqualTo("22023");
            assertThat(state(() -> lease.unwrap(null))).isEqualTo("22023");
        });
        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_raw_connection_that_escaped_cannot_reach_the_next_holders_session() throws Exception {
        ManagedConnection manager = DB.manager();
        PgConnection[] raw = new PgConnection[1];
        manager.useConnection(lease -> raw[0] = lease.unwrap(PgConnection.class));

        assertThat(raw[0].isClosed()).isTrue();
        assertThat(state(raw[0]::createStatement)).isEqualTo("08003");
    }

    @Test
    void a_call_on_a_raw_connection_that_escaped_is_cancelled_at_release() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        PgConnection raw = lease.unwrap(PgConnection.class);
        insert(lease, "a");
        CompletableFuture<Throwable> other = busy(raw, "SELECT pg_sleep(60)");

        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);

        assertThat(((SQLException) other.get()).getSQLState()).isEqualTo("57014");
        assertThat(DB.rows()).isZero();
    }

    @Test
    void a_release_is_bounded_even_when_a_raw_connection_that_escaped_stays_busy() throws Exception {
        ManagedConnection manager =
                DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(300)).build());
        execute(
                DB.admin(),
                "CREATE FUNCTION stubborn() RETURNS void LANGUAGE plpgsql AS $$ BEGIN LOOP BEGIN"
                        + " PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$");
        Lease lease = manager.acquire();
        PgConnection raw = lease.unwrap(PgConnection.class);
        insert(lease, "a");
        int before = pid(lease);
        CompletableFuture<Throwable> other = busy(raw, "SELECT stubborn()");

        Throwable told = catchThrowable(lease::close);

        // The bound of the call and the bound of the exchange end at the same time.
        assertThat(told)
                .isInstanceOf(SQLException.class)
                .message()
                .containsAnyOf("no answer within the releaseTimeout of 300 ms", "did not finish its answer within ");
        assertThat(other.get()).isInstanceOf(SQLException.class);
        assertThat(pid(manager)).isNotEqualTo(before);
        assertThat(DB.rows()).isZero();
        DB.kill(before); // it holds its lock on the table as long as it lives
    }

    private static CompletableFuture<Throwable> busy(PgConnection raw, String sql) throws SQLException {
        int pid = raw.getBackendPID();
        CompletableFuture<Throwable> call = Elsewhere.call(() -> catchThrowable(() -> execute(raw, sql)));
        DB.awaitSleep(pid);
        return call;
    }

    @Test
    void a_call_that_breaks_off_in_the_middle_of_a_message_costs_the_session() throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        IllegalStateException boom = new IllegalStateException("boom");
        InputStream breaking = new InputStream() {
            private int read;

            @Override
            public int read() {
                if (read++ == 10) {
                    throw boom;
                }
                return 'x';
            }
        };
        assertThat(catchThrowable(() -> manager.useConnection(lease -> {
                    lease.setAutoCommit(true);
                    PreparedStatement insert = lease.prepareStatement("SELECT length(?::bytea)");
                    insert.setBinaryStream(1, breaking, 1000);
                    insert.executeQuery();
                })))
                .isSameAs(boom);
        assertThat(manager.isOpen()).isFalse();
        manager.useTransaction(next -> {
            assertThat(pid(next)).isNotEqualTo(before);
            assertThat(query(next, "SELECT 42")).isEqualTo("42");
        });
    }

    @Test
    void a_source_that_takes_connections_back_instead_of_closing_them_cannot_hand_an_escaped_one_on() throws Exception {
        PgConnection[] raw = new PgConnection[1];
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    Connection physical = DB.source().getConnection();
                    return (Connection) Proxy.newProxyInstance(
                            FenceTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (p, method, args) -> {
                                if (method.getName().equals("close")) {
                                    return null; // back into the pool
                                }
                                return method.invoke(physical, args);
                            });
                }))
                .build());
        manager.useConnection(lease -> raw[0] = lease.unwrap(PgConnection.class));
        assertThat(raw[0].isClosed()).isTrue();
    }

    @Test
    void calls_that_are_refused_do_not_look_like_calls_under_way() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        lease.close();
        var fence = ((io.github.pgmanaged.internal.fence.FencedConnection) lease).fence();
        java.util.concurrent.CountDownLatch stop = new java.util.concurrent.CountDownLatch(1);
        CompletableFuture<Void> refused = Elsewhere.run(() -> {
            while (stop.getCount() > 0) {
                assertThat(state(lease::getAutoCommit)).isEqualTo("08003");
            }
        });
        for (int i = 0; i < 1_000_000; i++) {
            assertThat(fence.gate().isBusy()).isFalse();
        }
        stop.countDown();
        refused.get();
    }

    @Test
    void statements_and_result_sets_left_open_are_closed_at_release() throws Exception {
        List<AutoCloseable> made = new CopyOnWriteArrayList<>();
        ManagedConnection manager =
                DB.closing(ManagedConnection.builder(recording(made)).build());

        manager.useConnection(lease -> {
            lease.createStatement().executeQuery("SELECT 1");
            lease.prepareStatement("SELECT 1").executeQuery();
            lease.prepareCall("SELECT 1").execute();
            lease.createStatement().close();
            lease.getMetaData().getTables(null, null, null, null);
            lease.commit();
        });

        List<Statement> left = made.stream().map(Statement.class::cast).toList();
        assertThat(left).hasSizeGreaterThanOrEqualTo(4).allMatch(FenceTest::isClosed);
    }

    private static boolean isClosed(Statement statement) {
        try {
            return statement.isClosed();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A source whose connections remember the statements that they make. */
    private static DataSource recording(List<AutoCloseable> made) {
        return (DataSource) Proxy.newProxyInstance(
                FenceTest.class.getClassLoader(), new Class<?>[] {DataSource.class}, (p, method, args) -> {
                    Connection raw = DB.source().getConnection();
                    return Proxy.newProxyInstance(
                            FenceTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (c, call, given) -> {
                                try {
                                    Object result = call.invoke(raw, given);
                                    if (result instanceof Statement statement) {
                                        made.add(statement);
                                    }
                                    return result;
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            });
                });
    }

    @Test
    void forwarding_answers_as_the_driver_does() throws Exception {
        List<String> differ = new ArrayList<>();
        int compared = 0;
        try (Connection raw = DB.source().getConnection();
                Lease lease = DB.manager().acquire()) {
            lease.setAutoCommit(true);
            Map<Object, Object> pairs = Map.of(
                    raw.getMetaData(),
                    lease.getMetaData(),
                    raw,
                    lease,
                    raw.createStatement(),
                    lease.createStatement(),
                    raw.prepareStatement("SELECT 1"),
                    lease.prepareStatement("SELECT 1"));
            for (Map.Entry<Object, Object> pair : pairs.entrySet()) {
                for (Class<?> type : Handles.TYPES) {
                    if (type.isInstance(pair.getKey()) && type.isInstance(pair.getValue())) {
                        for (Method method : type.getMethods()) {
                            if (method.getParameterCount() == 0 && isPlain(method.getReturnType())) {
                                compared++;
                                String expected = answer(pair.getKey(), method);
                                String actual = answer(pair.getValue(), method);
                                if (!expected.equals(actual)
                                        && !method.getName().equals("getBackendPID")) {
                                    differ.add(method + ": " + expected + " != " + actual);
                                }
                            }
                        }
                    }
                }
            }
        }
        assertThat(differ).isEmpty();
        assertThat(compared).isGreaterThan(150);
    }

    /** What a method returns, or the SQLState that it raises. */
    private static String answer(Object handle, Method method) throws IllegalAccessException {
        try {
            return "returned " + method.invoke(handle);
        } catch (InvocationTargetException e) {
            return "raised " + ((SQLException) e.getCause()).getSQLState();
        }
    }

    private static boolean isPlain(Class<?> type) {
        return type == String.class || type == boolean.class || type == int.class || type == long.class;
    }

    // --- what pgjdbc gives as classes ---------------------------------------------------------------------------

    @Test
    void copy_works_through_the_lease_and_keeps_the_session() throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        manager.useConnection(lease -> {
            CopyManager copy = lease.unwrap(PGConnection.class).getCopyAPI();
            assertThat(copy.copyIn("COPY example FROM STDIN", new StringReader("a\t1\nb\t2\n")))
                    .isEqualTo(2);
            StringWriter out = new StringWriter();
            assertThat(copy.copyOut("COPY example TO STDOUT", out)).isEqualTo(2);
            assertThat(out).hasToString("a\t1\nb\t2\n");
            CopyIn in = copy.copyIn("COPY example FROM STDIN");
            byte[] row = "c\t3\n".getBytes(StandardCharsets.UTF_8);
            in.writeToCopy(row, 0, row.length);
            assertThat(in.endCopy()).isEqualTo(1);
            CopyOut rows = copy.copyOut("COPY example TO STDOUT");
            int count = 0;
            while (rows.readFromCopy() != null) {
                count++;
            }
            assertThat(count).isEqualTo(3);
            lease.commit();
        });
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(DB.rows()).isEqualTo(3);
    }

    @Test
    void a_copy_left_under_way_is_cancelled_at_release() throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        for (boolean autoCommit : new boolean[] {true, false}) {
            Lease lease = manager.acquire();
            lease.setAutoCommit(autoCommit);
            CopyIn in = lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN");
            byte[] row = "c\t3\n".getBytes(StandardCharsets.UTF_8);
            in.writeToCopy(row, 0, row.length);

            Throwable told = catchThrowable(lease::close);

            assertThat(told)
                    .isInstanceOf(OpenTransactionException.class)
                    .hasMessageContaining("COPY that was never ended")
                    .hasMessageContaining("COPY example FROM STDIN");
            assertThat(((OpenTransactionException) told).getSQLState()).isEqualTo("25000");

            assertThat(pid(manager)).isEqualTo(before);
            assertThat(DB.rows()).isZero();
        }
        assertThat(manager.stats().openTransactions()).isEqualTo(2);
        assertThat(manager.stats().rollbacks()).isEqualTo(2);
        Lease lease = manager.acquire();
        execute(lease, "INSERT INTO example SELECT i, i FROM generate_series(1, 1000) i");
        lease.commit();
        lease.unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut("COPY example TO STDOUT")
                .readFromCopy();
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(query(DB.admin(), "SELECT count(*) FROM example")).isEqualTo("1000");
        manager.useTransaction(next -> assertThat(query(next, "SELECT 1")).isEqualTo("1"));
    }

    @Test
    void a_copy_out_that_is_cancelled_leaves_nothing_unread() throws Exception {
        ManagedConnection manager = DB.manager();
        DB.update("INSERT INTO example SELECT i, repeat('x', 1000) FROM generate_series(1, 1000) i");
        int before = pid(manager);
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            CopyOut out = lease.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY example TO STDOUT");
            out.readFromCopy();
            out.cancelCopy();
            assertThat(out.isActive()).isFalse();
        });
        manager.useTransaction(next -> {
            assertThat(pid(next)).isEqualTo(before);
            assertThat(query(next, "SELECT 42")).isEqualTo("42");
        });
    }

    @Test
    void large_objects_work_through_the_lease_and_keep_the_session() throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        manager.useTransaction(lease -> {
            LargeObjectManager api = lease.unwrap(PGConnection.class).getLargeObjectAPI();
            assertThat(lease.unwrap(PGConnection.class).getLargeObjectAPI()).isSameAs(api);
            long oid = api.createLO();
            try (LargeObject object = api.open(oid)) {
                object.write("hello".getBytes(StandardCharsets.UTF_8));
                object.seek(0);
                assertThat(object.read(10)).asString(StandardCharsets.UTF_8).isEqualTo("hello");
                assertThat(object.size64()).isEqualTo(5);
                try (InputStream in = object.copy().getInputStream()) {
                    assertThat(in.readAllBytes()).hasSize(5);
                }
            }
            api.delete(oid);
        });
        assertThat(pid(manager)).isEqualTo(before);
    }

    @Test
    void a_fenced_object_can_be_handed_back_to_the_lease_that_it_came_from_and_to_no_other() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        Array array = lease.createArrayOf("int4", new Object[] {1, 2});
        Savepoint savepoint = lease.setSavepoint();
        try (PreparedStatement sum = lease.prepareStatement("SELECT (?::int[])[2] + (?::int[])[1]")) {
            sum.setArray(1, array);
            sum.setObject(2, array);
            ResultSet row = sum.executeQuery();
            row.next();
            assertThat(row.getInt(1)).isEqualTo(3);
        }
        lease.rollback(savepoint);
        lease.commit();
        lease.close();

        try (Lease next = manager.acquire();
                PreparedStatement statement = next.prepareStatement("SELECT ?::int[]")) {
            assertThat(state(() -> statement.setArray(1, array))).isEqualTo("08003");
            assertThat(state(() -> next.rollback(savepoint))).isEqualTo("08003");
        }
    }

    @Test
    void a_fenced_object_inside_an_array_is_handed_back_like_one_outside() throws Exception {
        ManagedConnection manager = DB.manager();
        Object[] arrays = new Object[1];
        try (Lease lease = manager.acquire()) {
            arrays[0] = lease.createArrayOf("int4", new Object[] {1, 2});

            Object texts = lease.createArrayOf("text", arrays).getArray();

            assertThat((Object[]) texts).containsExactly("{\"1\",\"2\"}");
            assertThat(state(() -> lease.createStruct("example", arrays))).isEqualTo("0A000");
        }

        try (Lease next = manager.acquire()) {
            assertThat(state(() -> next.createArrayOf("text", arrays))).isEqualTo("08003");
        }
    }

    @Test
    void nothing_that_an_array_holds_leads_back_to_the_session() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            execute(lease, "DECLARE here CURSOR FOR SELECT 1");
            for (String array : List.of(
                    "ARRAY['<a/>'::xml]",
                    "ARRAY['here'::refcursor]",
                    "ARRAY[lo_from_bytea(0, 'abc')]",
                    "ARRAY[ROW(1, ARRAY[2])]",
                    "ARRAY[[1, 2], [3, 4]]",
                    "ARRAY[[point(1, 2)]]")) {
                ResultSet row = lease.createStatement().executeQuery("SELECT " + array);
                row.next();
                assertThat(leaves(row.getArray(1).getArray()))
                        .as(array)
                        .isNotEmpty()
                        .noneMatch(element -> Handles.TYPES.stream().anyMatch(type -> type.isInstance(element)));
            }
            lease.rollback();
        }
    }

    private static List<Object> leaves(Object element) {
        return element instanceof Object[] elements
                ? Arrays.stream(elements).flatMap(e -> leaves(e).stream()).toList()
                : List.of(element);
    }
}
