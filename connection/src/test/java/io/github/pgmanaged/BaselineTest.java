package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.DataSources;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.AutoSave;

/** Whatever has made a session's settings, and however often a lease changes them: the next lease has them so. */
class BaselineTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @BeforeEach
    void makeASchema() throws SQLException {
        DB.update("CREATE SCHEMA IF NOT EXISTS a");
        DB.update("CREATE SCHEMA IF NOT EXISTS b");
    }

    @AfterEach
    void resetTheRole() throws SQLException {
        DB.update("ALTER ROLE CURRENT_USER IN DATABASE " + database() + " RESET ALL");
    }

    private static String database() throws SQLException {
        return DB.query("SELECT quote_ident(current_database())");
    }

    /** Where a session's settings come from. */
    private interface Origin {
        ManagedConnection.Builder manager() throws SQLException;
    }

    private static ManagedConnection.Builder source(Map<String, String> properties) throws SQLException {
        PGSimpleDataSource source = DB.pgjdbcSource();
        properties.forEach((name, value) -> {
            try {
                source.setProperty(name, value);
            } catch (SQLException e) {
                throw new IllegalArgumentException(name, e);
            }
        });
        return ManagedConnection.builder(DataSources.of(source::getConnection));
    }

    private static Arguments url(String... properties) {
        Map<String, String> map = new HashMap<>();
        for (String property : properties) {
            String[] parts = property.split("=", 2);
            map.put(parts[0], parts[1]);
        }
        Origin origin = () -> source(map);
        return Arguments.of(String.join("&", properties), origin);
    }

    private static Arguments role(String setting, String mode) {
        Origin origin = () -> {
            DB.update("ALTER ROLE CURRENT_USER IN DATABASE " + database() + " SET " + setting);
            return source(Map.of("readOnlyMode", mode));
        };
        return Arguments.of("ALTER ROLE ... SET " + setting + ", readOnlyMode=" + mode, origin);
    }

    private static Arguments hook(String name, Action<SQLException> hook) {
        Origin origin = () -> DB.builder().onOpen(hook);
        return Arguments.of("onOpen: " + name, origin);
    }

    static Stream<Arguments> origins() {
        return Stream.of(
                url("readOnlyMode=transaction"),
                url("readOnly=true"),
                url("readOnly=true", "readOnlyMode=ignore"),
                url("readOnly=true", "readOnlyMode=always"),
                url("readOnlyMode=always"),
                url("currentSchema=a"),
                url("defaultRowFetchSize=7"),
                url("prepareThreshold=3"),
                url("prepareThreshold=0"),
                url("ApplicationName=it's \"me\""),
                url("ApplicationName=me", "assumeMinServerVersion=12"),
                url("autosave=always"),
                url("adaptiveFetch=true", "defaultRowFetchSize=7"),
                url("socketTimeout=70"),
                url("queryTimeout=7"),
                url("options=-c default_transaction_read_only=on -c search_path=a,b"
                        + " -c default_transaction_isolation=serializable -c work_mem=9MB"),
                role("default_transaction_read_only = on", "transaction"),
                role("default_transaction_read_only = on", "always"),
                role("default_transaction_isolation = 'repeatable read'", "transaction"),
                role("search_path = a, \"$user\"", "transaction"),
                role("search_path = ''", "transaction"),
                role("application_name = 'the role''s'", "transaction"),
                role("work_mem = '9MB'", "transaction"),
                hook("SET", connection -> {
                    execute(connection, "SET default_transaction_read_only = on");
                    execute(connection, "SET default_transaction_isolation = serializable");
                    execute(connection, "SET search_path = \"$user\", a");
                    execute(connection, "SET application_name = 'the hook''s'");
                    execute(connection, "SET work_mem = '9MB'");
                }),
                hook("JDBC", connection -> {
                    connection.setReadOnly(true);
                    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                    connection.setSchema("a");
                    connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT);
                    connection.setNetworkTimeout(Runnable::run, 70_000);
                    connection.setClientInfo("ApplicationName", "the hook's");
                }));
    }

    /** Everything that a lease can change, as the driver and as the server has it. */
    private static Map<String, Object> settings(Lease lease) throws SQLException {
        Map<String, Object> settings = new HashMap<>();
        PGConnection driver = lease.unwrap(PGConnection.class);
        settings.put("readOnly", lease.isReadOnly());
        settings.put("holdability", lease.getHoldability());
        settings.put("networkTimeout", lease.getNetworkTimeout());
        settings.put("prepareThreshold", driver.getPrepareThreshold());
        settings.put("fetchSize", driver.getDefaultFetchSize());
        settings.put("queryTimeout", driver.getQueryTimeout());
        settings.put("autosave", driver.getAutosave());
        settings.put("adaptiveFetch", driver.getAdaptiveFetch());
        settings.put("applicationName", lease.getClientInfo("ApplicationName"));
        settings.put("isolation", lease.getTransactionIsolation());
        for (String name : new String[] {
            "default_transaction_read_only",
            "default_transaction_isolation",
            "search_path",
            "application_name",
            "work_mem",
            "transaction_read_only"
        }) {
            settings.put(name, query(lease, "SHOW " + name));
        }
        lease.setAutoCommit(false);
        settings.put("transaction_read_only, in a transaction", query(lease, "SHOW transaction_read_only"));
        lease.rollback();
        lease.setAutoCommit(true);
        return settings;
    }

    private static void changeThroughJdbc(Lease lease, boolean once) throws SQLException {
        PGConnection driver = lease.unwrap(PGConnection.class);
        boolean readOnly = lease.isReadOnly();
        lease.setReadOnly(!readOnly);
        if (!once) {
            lease.setReadOnly(readOnly);
        }
        lease.setTransactionIsolation(
                once ? Connection.TRANSACTION_SERIALIZABLE : Connection.TRANSACTION_READ_UNCOMMITTED);
        lease.setHoldability(
                lease.getHoldability() == ResultSet.HOLD_CURSORS_OVER_COMMIT
                        ? ResultSet.CLOSE_CURSORS_AT_COMMIT
                        : ResultSet.HOLD_CURSORS_OVER_COMMIT);
        lease.setNetworkTimeout(Runnable::run, 50_000);
        lease.setClientInfo("ApplicationName", once ? "the lease's" : "");
        lease.setSchema(once ? "b" : "public");
        driver.setPrepareThreshold(77);
        driver.setDefaultFetchSize(77);
        driver.setQueryTimeout(77);
        driver.setAutosave(AutoSave.CONSERVATIVE);
        driver.setAdaptiveFetch(!driver.getAdaptiveFetch());
    }

    private static void changeThroughSql(Lease lease, boolean once) throws SQLException {
        execute(lease, "SET SESSION CHARACTERISTICS AS TRANSACTION " + (once ? "READ ONLY" : "READ WRITE"));
        execute(lease, "SET default_transaction_isolation = 'read uncommitted'");
        execute(lease, once ? "RESET ALL" : "SET search_path = b");
        execute(lease, "SET application_name = 'sql'");
        execute(lease, once ? "SET work_mem = '7MB'" : "DISCARD ALL");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("origins")
    void comes_back(String name, Origin origin) throws SQLException {
        for (SessionReset reset : SessionReset.values()) {
            for (boolean autoCommit : new boolean[] {true, false}) {
                ManagedConnection manager = DB.closing(
                        origin.manager().autoCommit(true).sessionReset(reset).build());
                Map<String, Object> baseline =
                        manager.<Map<String, Object>, SQLException>withConnection(BaselineTest::settings);
                for (int i = 0; i < 4; i++) {
                    boolean once = i % 2 == 0;
                    manager.useConnection(lease -> {
                        lease.setAutoCommit(autoCommit);
                        changeThroughJdbc(lease, once);
                        if (reset != SessionReset.JDBC_SETTINGS) {
                            lease.setAutoCommit(true);
                            changeThroughSql(lease, once);
                        }
                        if (!lease.getAutoCommit()) {
                            lease.commit();
                        }
                    });
                    assertThat(manager.<Map<String, Object>, SQLException>withConnection(BaselineTest::settings))
                            .as("%s, autocommit %s", reset, autoCommit)
                            .isEqualTo(baseline);
                }
                assertThat(manager.stats().opened()).isEqualTo(1);
            }
        }
    }
}
