package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DataSources;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/**
 * A fence cannot be told from the driver's object by its text. pgjdbc writes the text of an array that is not its own
 * to the database, and callers log a statement's.
 */
class ValuesTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** An identity hash: another object's is another. */
    private static final String HASH = "@[0-9a-f]+";

    @BeforeAll
    static void createTypes() throws SQLException {
        DB.update("CREATE EXTENSION hstore");
        DB.update("CREATE TYPE mood AS ENUM ('sad', 'happy')");
        DB.update("CREATE TYPE pair AS (a int, b text)");
    }

    // --- text ---------------------------------------------------------------------------------------------------

    @Test
    void every_handle_prints_what_the_drivers_object_prints() throws Exception {
        try (Connection plain = plain()) {
            Map<String, Object> drivers = Handles.of(plain);
            Lease lease = DB.manager().acquire();
            Map<String, Object> ours = Handles.of(lease);

            assertThat(ours).hasSameSizeAs(drivers);
            assertThat(ours).allSatisfy((name, handle) -> {
                Object driver = drivers.get(name);
                boolean subclass = driver.getClass().isInstance(handle);
                if (handle != lease && !subclass) {
                    assertThat(text(handle)).as(name).isEqualTo(text(driver));
                }
            });
            assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);
        }
    }

    private static String text(Object object) {
        return String.valueOf(object).replaceAll(HASH, "@hash");
    }

    @Test
    void a_statement_prints_its_parameters_as_the_drivers_does_until_the_lease_is_released() throws Exception {
        String expected;
        try (Connection plain = plain()) {
            expected = withParameters(plain).toString();
        }
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        PreparedStatement statement = withParameters(lease);
        assertThat(statement).hasToString(expected);
        assertThat(expected).contains("it''s");
        lease.close();

        assertThat(statement).hasToString("PreparedStatement of a released lease");
    }

    private static PreparedStatement withParameters(Connection connection) throws SQLException {
        PreparedStatement statement = connection.prepareStatement("SELECT ?, ?, ?::int[]");
        statement.setString(1, "it's");
        statement.setInt(2, 7);
        statement.setArray(3, connection.createArrayOf("int4", new Object[] {1, null}));
        return statement;
    }

    @Test
    void no_text_of_a_handle_of_a_released_lease_fails_or_names_the_manager() throws Exception {
        Lease lease = DB.closing(DB.builder().name("the-manager").build()).acquire();
        Map<String, Object> handles = Handles.of(lease);
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);

        handles.remove("connection");
        handles.remove("PGConnection");

        assertThat(handles)
                .allSatisfy((name, handle) ->
                        assertThat(handle.toString()).as(name).isNotEmpty().doesNotContain("the-manager"));
        assertThat(handles.get("array")).hasToString("{1,2}");
    }

    // --- arrays -------------------------------------------------------------------------------------------------

    static List<String> arrays() {
        return List.of(
                "ARRAY[1, NULL, -3]",
                "ARRAY[[1, 2], [3, 4]]",
                "'[0:1]={1,2}'::int[]",
                "'{}'::int[]",
                "ARRAY[1::smallint]",
                "ARRAY[9000000000]",
                "ARRAY[1.5::real, 'NaN']",
                "ARRAY[1.5::float8]",
                "ARRAY[1.50, NULL]",
                "ARRAY[true, false]",
                "ARRAY[1::oid]",
                "ARRAY['a', NULL, 'NULL', '', 'it''s \"\\,{}']",
                "ARRAY['ä'::varchar]",
                "ARRAY[['a', 'b']]",
                "ARRAY['\\x00ff'::bytea, NULL]",
                "ARRAY['2020-01-02 03:04:05'::timestamp]",
                "ARRAY['2020-01-02'::date]",
                "ARRAY['0b9e3b6a-6f3a-4f0f-9a3e-0d3f4e5a6b7c'::uuid]",
                "ARRAY['{\"a\": 1}'::jsonb]",
                "ARRAY['(1,2),(3,4)'::box]",
                "ARRAY[point(1, 2)]",
                "ARRAY['happy'::mood]",
                "ARRAY[ROW(1, 'x')::pair]",
                "'1 2'::int2vector");
    }

    @ParameterizedTest
    @MethodSource("arrays")
    void an_array_is_its_literal_before_and_after_the_release(String sql) throws Exception {
        for (boolean binary : new boolean[] {false, true}) {
            String expected;
            try (Connection plain = plain()) {
                expected = read(plain, sql, binary).toString();
            }
            Lease lease = DB.manager().acquire();
            Array asked = read(lease, sql, binary);
            Array kept = read(lease, sql, binary);
            assertThat(asked).hasToString(expected);
            lease.close();

            assertThat(asked).hasToString(expected);
            assertThat(kept).hasToString(expected);
        }
    }

    private static Array read(Connection connection, String sql, boolean binary) throws SQLException {
        connection.unwrap(PGConnection.class).setPrepareThreshold(binary ? -1 : 0);
        connection.setAutoCommit(true);
        ResultSet row = connection.prepareStatement("SELECT " + sql).executeQuery();
        row.next();
        return row.getArray(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar", "bytea", "numeric"})
    void an_array_that_was_created_is_its_literal_before_and_after_the_release(String type) throws Exception {
        Object[] elements = switch (type) {
            case "bool" -> new Boolean[] {true, null};
            case "int2" -> new Short[] {1};
            case "int4" -> new Integer[] {1, 2};
            case "int8" -> new Long[] {1L};
            case "float4" -> new Float[] {1.5f};
            case "float8" -> new Double[] {1.5};
            case "bytea" -> new byte[][] {{1, 2}};
            default -> new String[] {"1", null};
        };
        String expected;
        try (Connection plain = plain()) {
            expected = plain.createArrayOf(type, elements).toString();
        }
        Lease lease = DB.manager().acquire();
        Array array = lease.createArrayOf(type, elements);
        assertThat(array).hasToString(expected);
        lease.close();
        assertThat(array).hasToString(expected);
    }

    @Test
    void an_array_that_was_freed_prints_what_the_drivers_does() throws Exception {
        try (Connection plain = plain();
                Lease lease = DB.manager().acquire()) {
            Array drivers = plain.createArrayOf("int4", new Object[] {1});
            Array ours = lease.createArrayOf("int4", new Object[] {1});
            drivers.free();
            ours.free();
            assertThat(String.valueOf(ours)).isEqualTo(String.valueOf(drivers));
            lease.close();
            assertThat(String.valueOf(ours)).isEqualTo(String.valueOf(drivers));
        }
    }

    @Test
    void the_text_of_an_array_of_a_released_lease_asks_the_session_nothing() throws Exception {
        // pgjdbc asks the server once what stands between the elements of a type that it does not know by heart.
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    var source = DB.pgjdbcSource();
                    source.setProperty("binaryTransferEnable", "22"); // int2vector
                    return source.getConnection();
                }))
                .build());
        Lease old = manager.acquire();
        Array array = read(old, "'1 2'::int2vector", true);
        old.close();
        try (Lease next = manager.acquire()) {
            execute(next, "SELECT 1");
            assertThat(catchThrowable(() -> execute(next, "nonsense"))).isInstanceOf(SQLException.class);
            assertThat(array).hasToString("{\"1\",\"2\"}"); // a question would fail in this transaction
            next.rollback();
        }
    }

    // --- ways into the database ---------------------------------------------------------------------------------

    private interface Way {
        String into(Connection target, Array value) throws SQLException;
    }

    /** All ways in which pgjdbc takes an array, alone or inside something else. */
    private static Map<String, Way> ways() {
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put("setArray", (c, array) -> stored(c, "SELECT ?::text", s -> s.setArray(1, array)));
        ways.put("setObject", (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, array)));
        ways.put("as ARRAY", (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, array, Types.ARRAY)));
        ways.put("as OTHER", (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, array, Types.OTHER)));
        ways.put("as VARCHAR", (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, array, Types.VARCHAR)));
        ways.put(
                "in an Object[]", (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, new Object[] {array})));
        ways.put("in an Array[]", (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, new Array[] {array})));
        ways.put(
                "two deep",
                (c, array) -> stored(
                        c, "SELECT ?::text", s -> s.setObject(1, new Object[][] {{array}, {array}}, Types.ARRAY)));
        ways.put(
                "in createArrayOf",
                (c, array) ->
                        c.createArrayOf("text", new Object[] {array, null}).toString());
        ways.put(
                "two deep in createArrayOf",
                (c, array) -> c.createArrayOf("text", new Object[][] {{array}}).toString());
        ways.put(
                "in pgjdbc's createArrayOf",
                (c, array) -> c.unwrap(PGConnection.class)
                        .createArrayOf("text", (Object) new Object[] {array})
                        .toString());
        ways.put(
                "in a Map", (c, array) -> stored(c, "SELECT ?::hstore::text", s -> s.setObject(1, Map.of("k", array))));
        ways.put(
                "a Map's key",
                (c, array) -> stored(c, "SELECT ?::hstore::text", s -> s.setObject(1, Map.of(array, 1))));
        ways.put(
                "in a List",
                (c, array) -> stored(c, "SELECT ?::text", s -> s.setObject(1, List.of(array), Types.OTHER)));
        ways.put("in a createStruct", (c, array) -> String.valueOf(c.createStruct("pair", new Object[] {array})));
        ways.put("updateArray", (c, array) -> updated(c, r -> r.updateArray(2, array)));
        ways.put("updateObject", (c, array) -> updated(c, r -> r.updateObject(2, array)));
        return ways;
    }

    private interface Fill<T> {
        void in(T target) throws SQLException;
    }

    private static String stored(Connection connection, String sql, Fill<PreparedStatement> parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            parameters.in(statement);
            ResultSet row = statement.executeQuery();
            row.next();
            return row.getString(1);
        }
    }

    private static String updated(Connection connection, Fill<ResultSet> columns) throws SQLException {
        execute(connection, "CREATE TEMP TABLE IF NOT EXISTS updated (id int PRIMARY KEY, a int[])");
        execute(connection, "INSERT INTO updated VALUES (1, '{}') ON CONFLICT DO NOTHING");
        try (var statement =
                connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            ResultSet row = statement.executeQuery("SELECT id, a FROM updated");
            row.next();
            columns.in(row);
            row.updateRow();
            return ManagedDatabase.query(connection, "SELECT a::text FROM updated");
        }
    }

    static List<String> namesOfWays() {
        return List.copyOf(ways().keySet());
    }

    @ParameterizedTest
    @MethodSource("namesOfWays")
    void a_leases_array_goes_into_the_database_as_the_drivers_does(String name) throws Exception {
        Way way = ways().get(name);
        for (boolean binary : new boolean[] {false, true}) {
            try (Connection plain = plain();
                    Lease lease = DB.manager().acquire();
                    Lease other = DB.closing(DB.builder().name("other").build()).acquire()) {
                String expected = attempt(way, plain, read(plain, "ARRAY[1, 2]", binary));
                Array array = read(lease, "ARRAY[1, 2]", binary);

                assertThat(attempt(way, plain, array)).as("a plain connection").isEqualTo(expected);
                assertThat(attempt(way, lease, array)).as("the same lease").isEqualTo(expected);
                other.setAutoCommit(true);
                assertThat(attempt(way, other, array)).as("another manager").isEqualTo(expected);
                assertThat(expected).containsPattern("\\{\\W*1\\W*,\\W*2\\W*}|raised (07006|0A000)");
            }
        }
    }

    private static String attempt(Way way, Connection target, Array value) throws SQLException {
        try {
            return way.into(target, value);
        } catch (SQLException e) {
            return "raised " + e.getSQLState();
        }
    }

    @ParameterizedTest
    @MethodSource("namesOfWays")
    void an_array_of_a_released_lease_is_stored_as_what_it_was_or_not_at_all(String name) throws Exception {
        Way way = ways().get(name);
        ManagedConnection manager = DB.manager();
        Lease released = manager.acquire();
        Array array = read(released, "ARRAY[1, 2]", true);
        String expected = attempt(way, released, array);
        released.close();

        try (Connection plain = plain();
                Lease next = manager.acquire();
                Lease other = DB.manager().acquire()) {
            assertThat(attempt(way, plain, array)).isIn(expected, "raised 08003");
            assertThat(attempt(way, next, array)).isIn(expected, "raised 08003");
            next.rollback();
            assertThat(attempt(way, other, array)).isIn(expected, "raised 08003");
            other.rollback();
        }
    }

    @Test
    void what_belongs_to_another_managers_lease_is_asked_through_that_leases_gate() throws Exception {
        try (Lease other = DB.manager().acquire();
                PreparedStatement into = other.prepareStatement("SELECT ?::text")) {
            ManagedConnection manager = DB.manager();
            Lease lease = manager.acquire();
            var xml = lease.createSQLXML();
            xml.setString("<a/>");
            into.setSQLXML(1, xml);
            ResultSet row = into.executeQuery();
            row.next();
            assertThat(row.getString(1)).isEqualTo("<a/>");
            var savepoint = lease.setSavepoint("there");
            assertThat(state(() -> other.rollback(savepoint))).isEqualTo("3B001");
            lease.rollback();
            lease.close();

            assertThat(state(() -> into.setSQLXML(1, xml))).isEqualTo("08003");
            assertThat(state(() -> other.rollback(savepoint))).isEqualTo("08003");
            other.rollback();
        }
    }

    private static Connection plain() throws SQLException {
        Connection plain = DB.source().getConnection();
        plain.setAutoCommit(false);
        return plain;
    }
}
