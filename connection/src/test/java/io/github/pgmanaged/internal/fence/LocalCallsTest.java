package io.github.pgmanaged.internal.fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.LeaseReleasedException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import java.io.Closeable;
import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGStatement;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PGobject;

/**
 * What does not pass the gate says nothing to the server: it would end up in the next holder's session, and a release
 * would not wait for it. Each method that is marked as local is tried on a fresh session, where the driver has not
 * asked for any type yet, behind a proxy that counts.
 */
class LocalCallsTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** Longer than the {@code maxFieldSize} below. */
    private static final List<String> BUILT_IN = List.of(
            "1::int2",
            "2::int4",
            "3::int8",
            "4.5::float4",
            "5.5::float8",
            "6.25::numeric",
            "'$7.00'::money",
            "true",
            "'eight'::text",
            "'nine'::varchar(20)",
            "'ten'::char(10)",
            "'eleven'::name",
            "'\\x0102030405'::bytea",
            "'2026-01-02'::date",
            "'12:34:56'::time",
            "'12:34:56+02'::timetz",
            "'2026-01-02 12:34:56'::timestamp",
            "'2026-01-02 12:34:56+02'::timestamptz",
            "'1 day'::interval",
            "'b5b0d1a0-0000-4000-8000-000000000000'::uuid",
            "'{\"a\": 1}'::json",
            "'{\"a\": 1}'::jsonb",
            "'<a/>'::xml",
            "'(1,2)'::point",
            "'(1,2),(3,4)'::box",
            "'101'::bit(3)",
            "'1011'::varbit",
            "'10.0.0.1'::inet",
            "'[1,10)'::int4range",
            "'a b c'::tsvector",
            "'cursor'::refcursor",
            "12345::oid",
            "ARRAY[1, 2]",
            "ARRAY['a', 'b']::text[]",
            "ARRAY[1.5, 2.5]::numeric[]",
            "ARRAY['\\x01'::bytea]",
            "ROW(1, 'record')",
            "NULL::text");

    private final List<String> values = new ArrayList<>(BUILT_IN);

    @BeforeEach
    void makeTypes() throws SQLException {
        DB.update("DROP SCHEMA IF EXISTS kinds CASCADE");
        DB.update("CREATE SCHEMA kinds");
        DB.update("CREATE TYPE kinds.mood AS ENUM ('12345', 'a long mood')");
        DB.update("CREATE DOMAIN kinds.email AS text");
        DB.update("CREATE DOMAIN kinds.feeling AS kinds.mood");
        DB.update("CREATE TYPE kinds.pair AS (a int, b text)");
        DB.update("CREATE TYPE kinds.span AS RANGE (subtype = float8)");
        values.add("'12345'::kinds.mood");
        values.add("'me@example.org'::kinds.email");
        values.add("'a long mood'::kinds.feeling");
        values.add("ROW(1, 'two')::kinds.pair");
        values.add("'[1.5,2.5]'::kinds.span");
        values.add("ARRAY['12345', 'a long mood']::kinds.mood[]");
        values.add("ARRAY[ROW(1, 'two')::kinds.pair]");
        for (String extension : List.of("citext", "hstore")) {
            if (DB.query("SELECT count(*) FROM pg_available_extensions WHERE name = '" + extension + "'")
                    .equals("1")) {
                DB.update("CREATE EXTENSION " + extension + " SCHEMA kinds");
                values.add(extension.equals("citext") ? "'CiText'::kinds.citext" : "'a=>1'::kinds.hstore");
            }
        }
    }

    /** How the rows come. */
    private record Way(boolean binary, int maxFieldSize) {
        ResultSet rows(Lease lease, String sql) throws SQLException {
            PreparedStatement statement = lease.prepareStatement(sql);
            statement.unwrap(PGStatement.class).setPrepareThreshold(binary ? -1 : 0);
            if (maxFieldSize > 0) {
                statement.setMaxFieldSize(maxFieldSize);
            }
            ResultSet rows = statement.executeQuery();
            assertThat(rows.next()).isTrue();
            return rows;
        }
    }

    private static final List<Way> WAYS =
            List.of(new Way(false, 0), new Way(true, 0), new Way(false, 2), new Way(true, 2));

    /** The driver knows the type from the server, and wants to know of each value how long it may be. */
    private static final Way HARDEST = new Way(true, 2);

    /** Tried in a session: how many calls passed the gate, and how many made the driver ask. */
    private record Count(int passed, int asked) {}

    /** Tries a method, and holds it to its promise. */
    private final class Trial {
        private final DeafProxy proxy;
        private final FencedConnection lease;
        private int passed;
        private int asked;

        Trial(DeafProxy proxy, Lease lease) {
            this.proxy = proxy;
            this.lease = (FencedConnection) lease;
        }

        void call(Object handle, Method method, Object... arguments) throws IllegalAccessException {
            int calls = lease.fence().log().calls();
            int trips = proxy.roundTrips();
            try {
                method.invoke(handle, arguments);
            } catch (InvocationTargetException e) {
                assertThat(e.getCause()) // what cannot be converted
                        .as(method.toString())
                        .isInstanceOfAny(SQLException.class, IndexOutOfBoundsException.class, ClassCastException.class);
            }
            boolean inGate = lease.fence().log().calls() != calls;
            boolean spoke = proxy.roundTrips() != trips;
            assertThat(spoke && !inGate)
                    .as("%s %s spoke to the server past the gate", method, Arrays.toString(arguments))
                    .isFalse();
            passed += inGate ? 1 : 0;
            asked += spoke ? 1 : 0;
        }

        Count count() {
            return new Count(passed, asked);
        }
    }

    private interface Scenario {
        void play(Lease lease, Trial trial) throws Exception;
    }

    /** In a new session. */
    private Count tried(DataSource source, DeafProxy proxy, Scenario scenario) throws Exception {
        try (ManagedConnection manager = ManagedConnection.builder(source).build();
                Lease lease = manager.acquire()) {
            Trial trial = new Trial(proxy, lease);
            scenario.play(lease, trial);
            lease.rollback();
            assertThat(lease.isClosed()).isFalse();
            return trial.count();
        }
    }

    private static List<Method> local(Class<?> type, Class<?> fenced) {
        Set<String> names = Set.of(fenced.getAnnotation(Forwards.class).local());
        List<Method> methods = Arrays.stream(type.getMethods())
                .filter(method -> names.contains(method.getName()))
                .toList();
        assertThat(methods).extracting(Method::getName).containsAll(names);
        return methods;
    }

    private Scenario getting(Method method, Way way) {
        return (lease, trial) -> {
            ResultSet rows = way.rows(lease, "SELECT " + String.join(", ", values));
            for (int column = 1; column <= values.size(); column++) {
                trial.call(rows, method, arguments(method, column));
                if (method.getParameterCount() == 0) {
                    break;
                }
            }
        };
    }

    private static Object[] arguments(Method method, int index) {
        return Arrays.stream(method.getParameterTypes())
                .map(type -> argument(type, index))
                .toArray();
    }

    private static Object argument(Class<?> type, int index) {
        if (type == int.class) {
            return index;
        }
        if (type == byte[].class) {
            return new byte[10];
        }
        return switch (type.getSimpleName()) {
            case "String" -> "?column?";
            case "boolean" -> true;
            case "byte" -> (byte) 1;
            case "short" -> (short) 1;
            case "long" -> 1L;
            case "float" -> 1f;
            case "double" -> 1d;
            case "BigDecimal" -> BigDecimal.ONE;
            case "Date" -> new Date(0);
            case "Time" -> new Time(0);
            case "Timestamp" -> new Timestamp(0);
            case "Calendar" -> null;
            default -> throw new IllegalArgumentException(type.getName());
        };
    }

    @Test
    void no_local_getter_of_any_type_says_anything_to_the_server() throws Exception {
        tryLocalGetters(List.of(HARDEST));
    }

    @Tag("long")
    @Test
    void no_local_getter_of_any_type_that_comes_in_any_other_way_says_anything_to_the_server() throws Exception {
        tryLocalGetters(WAYS);
    }

    private void tryLocalGetters(List<Way> ways) throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        for (Way way : ways) {
            for (Method method : local(ResultSet.class, FencedResultSet.class)) {
                Count count = tried(proxy.source(), proxy, getting(method, way));
                if (way.maxFieldSize == 0) {
                    assertThat(count).as(method.toString()).isEqualTo(new Count(0, 0));
                }
            }
        }
    }

    /** As what an object is wanted; null: as what the driver makes of it. */
    private static final List<Class<?>> CLASSES = Arrays.asList(
            null,
            String.class,
            Integer.class,
            Long.class,
            Boolean.class,
            Double.class,
            BigDecimal.class,
            Timestamp.class,
            LocalDate.class,
            LocalDateTime.class,
            OffsetDateTime.class,
            UUID.class,
            byte[].class,
            java.sql.Array.class,
            PGobject.class);

    private static void object(Trial trial, ResultSet rows, Object column, Class<?> type) throws Exception {
        Class<?> by = column instanceof Integer ? int.class : String.class;
        if (type == null) {
            trial.call(rows, ResultSet.class.getMethod("getObject", by), column);
        } else {
            trial.call(rows, ResultSet.class.getMethod("getObject", by, Class.class), column, type);
        }
    }

    @Test
    void an_object_of_any_type_is_made_in_the_gate_if_the_driver_has_to_ask_for_it() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        int asked = 0;
        for (Way way : WAYS) {
            for (Class<?> type : CLASSES) {
                asked += tried(proxy.source(), proxy, (lease, trial) -> {
                            ResultSet rows = way.rows(lease, "SELECT " + String.join(", ", values));
                            for (int column = 0; column <= values.size() + 1; column++) {
                                object(trial, rows, column, type);
                            }
                        })
                        .asked();
            }
        }
        assertThat(asked).isPositive();
    }

    @Test
    void a_plain_value_is_an_object_past_the_gate() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        String columns = "1 AS a, 2.5::float8, 'text'::text, true, DATE '2026-01-02', now(), NULL::uuid";
        for (Way way : WAYS) {
            Count count = tried(proxy.source(), proxy, (lease, trial) -> {
                ResultSet rows = way.rows(lease, "SELECT " + columns);
                for (int column = 1; column <= 7; column++) {
                    object(trial, rows, column, null);
                    object(trial, rows, column, String.class);
                }
                object(trial, rows, "a", null);
                object(trial, rows, "a", Integer.class);
            });
            assertThat(count).isEqualTo(new Count(way.maxFieldSize == 0 ? 0 : 16, 0));
        }
    }

    @Test
    void a_getter_whose_values_are_cut_short_asks_for_their_types_in_the_gate() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        Method getString = ResultSet.class.getMethod("getString", int.class);
        Count count = tried(proxy.source(), proxy, getting(getString, new Way(false, 2)));
        assertThat(count.passed()).isEqualTo(values.size());
        assertThat(count.asked()).isPositive();
    }

    @Test
    void a_result_set_that_was_asked_for_before_its_values_were_no_longer_cut_short_passes_the_gate() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        Method getString = ResultSet.class.getMethod("getString", int.class);
        Count count = tried(proxy.source(), proxy, (lease, trial) -> {
            PreparedStatement statement = lease.prepareStatement("SELECT 'a long mood'::kinds.mood");
            statement.setMaxFieldSize(2);
            statement.execute();
            statement.setMaxFieldSize(0);
            ResultSet rows = statement.getResultSet();
            rows.next();
            trial.call(rows, getString, 1);
        });
        assertThat(count).isEqualTo(new Count(1, 1));
    }

    /** The driver gets in binary what it is told to, and then has to ask what it has got. */
    @Test
    void no_local_getter_of_a_type_that_comes_in_binary_on_demand_says_anything_past_the_gate() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        PGSimpleDataSource source = (PGSimpleDataSource) proxy.source();
        String types = "'int4range', 'oid', 'bool', 'kinds.mood', 'kinds.mood[]', 'kinds.span'";
        source.setBinaryTransferEnable(
                DB.query("SELECT string_agg(t::regtype::oid::text, ',') FROM unnest(ARRAY[" + types + "]) t"));
        int asked = 0;
        List<Method> getters = new ArrayList<>(local(ResultSet.class, FencedResultSet.class));
        getters.add(ResultSet.class.getMethod("getObject", int.class));
        for (Method method : getters) {
            asked += tried(source, proxy, getting(method, new Way(true, 0))).asked();
        }
        assertThat(asked).isPositive();
    }

    @Test
    void nothing_is_known_of_what_a_data_sources_own_objects_do_so_all_of_it_passes_the_gate() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        DataSource through = proxy.source();
        DataSource wrapping =
                DataSources.of(() -> DataSources.with(through.getConnection(), (method, go) -> go.call()));
        Method getInt = ResultSet.class.getMethod("getInt", int.class);
        Count count = tried(wrapping, proxy, getting(getInt, new Way(false, 0)));
        assertThat(count.passed()).isEqualTo(values.size());
    }

    @Test
    void streams_that_hold_their_value_pass_no_gate_and_die_with_the_lease() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        List<Closeable> streams = new ArrayList<>();
        Count count = tried(proxy.source(), proxy, (lease, trial) -> {
            ResultSet rows = lease.createStatement().executeQuery("SELECT 'text', '\\x4142'::bytea");
            rows.next();
            Reader reader = rows.getCharacterStream(1);
            InputStream stream = rows.getBinaryStream(2);
            streams.addAll(List.of(reader, stream));
            trial.call(reader, Reader.class.getMethod("read"));
            trial.call(reader, Reader.class.getMethod("read", char[].class), new char[2]);
            trial.call(stream, InputStream.class.getMethod("read"));
            trial.call(stream, InputStream.class.getMethod("read", byte[].class), new byte[1]);
            assertThat(reader.read()).isEqualTo('t');
        });
        assertThat(count).isEqualTo(new Count(0, 0));
        Reader reader = (Reader) streams.get(0);
        InputStream stream = (InputStream) streams.get(1);
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                reader::read, () -> reader.read(new char[1]), stream::read, () -> stream.read(new byte[1]))) {
            assertThat(catchThrowable(call)).hasCauseInstanceOf(LeaseReleasedException.class);
        }
    }

    @Test
    void no_local_setter_of_a_plain_type_and_of_one_of_ones_own_says_anything_to_the_server() throws Exception {
        tryLocalSetters(List.of("'eight'::text", "'12345'::kinds.mood"));
    }

    @Tag("long")
    @Test
    void no_local_setter_says_anything_to_the_server() throws Exception {
        tryLocalSetters(values);
    }

    private void tryLocalSetters(List<String> values) throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        for (Method method : local(PreparedStatement.class, FencedPreparedStatement.class)) {
            if (method.getParameterCount() == 1 && method.getParameterTypes()[0] == String.class) {
                continue; // of a plain statement: refused
            }
            for (String value : values) {
                String type = value.contains("::") ? value.substring(value.lastIndexOf("::")) : "";
                Count count = tried(proxy.source(), proxy, (lease, trial) -> {
                    PreparedStatement statement = lease.prepareStatement("SELECT ?" + type);
                    trial.call(statement, method, arguments(method, 1));
                });
                assertThat(count).as(method.toString()).isEqualTo(new Count(0, 0));
                if (method.getParameterCount() == 0) {
                    break;
                }
            }
        }
    }

    @Test
    void no_local_method_of_a_result_sets_metadata_says_anything_to_the_server() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        for (Method method : local(java.sql.ResultSetMetaData.class, FencedResultSetMetaData.class)) {
            Count count = tried(proxy.source(), proxy, (lease, trial) -> {
                ResultSet rows = lease.createStatement().executeQuery("SELECT " + String.join(", ", values));
                java.sql.ResultSetMetaData metadata = rows.getMetaData();
                for (int column = 1; column <= values.size(); column++) {
                    trial.call(metadata, method, arguments(method, column));
                }
            });
            assertThat(count).as(method.toString()).isEqualTo(new Count(0, 0));
        }
    }
}
