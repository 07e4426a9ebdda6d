package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.DataSources;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;

/** A cleared room: the settings that one holder changes are at their baseline for the next. */
class SettingsTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private interface Reading {
        Object of(Lease lease) throws SQLException;
    }

    private static Arguments setting(String name, Action<SQLException> change, Reading reading) {
        return Arguments.of(name, change, reading);
    }

    static Stream<Arguments> settings() {
        return Stream.of(
                setting("autocommit", c -> c.setAutoCommit(true), Connection::getAutoCommit),
                setting("read-only", c -> c.setReadOnly(true), Connection::isReadOnly),
                setting(
                        "isolation",
                        c -> c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
                        Connection::getTransactionIsolation),
                setting("schema", c -> c.setSchema("pg_catalog"), c -> query(c, "SHOW search_path")),
                setting(
                        "schema, committed",
                        c -> {
                            c.setSchema("pg_catalog");
                            c.commit();
                        },
                        c -> query(c, "SHOW search_path")),
                setting(
                        "holdability",
                        c -> c.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT),
                        Connection::getHoldability),
                setting(
                        "network timeout",
                        c -> c.setNetworkTimeout(Runnable::run, 12345),
                        Connection::getNetworkTimeout),
                setting(
                        "client info",
                        c -> c.setClientInfo("ApplicationName", "changed"),
                        c -> query(c, "SHOW application_name")),
                setting(
                        "client info as properties",
                        c -> {
                            Properties properties = new Properties();
                            properties.setProperty("ApplicationName", "changed");
                            c.setClientInfo(properties);
                        },
                        c -> c.getClientInfo("ApplicationName")),
                setting(
                        "type map",
                        c -> c.setTypeMap(new HashMap<>(Map.of("a", String.class))),
                        Connection::getTypeMap),
                setting("type map, in place", c -> c.getTypeMap().put("a", String.class), Connection::getTypeMap),
                setting("warnings", c -> c.setClientInfo("Unknown", "x"), Connection::getWarnings),
                setting("prepare threshold", c -> pg(c).setPrepareThreshold(77), c -> pg(c).getPrepareThreshold()),
                setting("default fetch size", c -> pg(c).setDefaultFetchSize(77), c -> pg(c).getDefaultFetchSize()),
                setting("query timeout", c -> pg(c).setQueryTimeout(77), c -> pg(c).getQueryTimeout()),
                setting("autosave", c -> pg(c).setAutosave(AutoSave.ALWAYS), c -> pg(c).getAutosave()),
                setting("adaptive fetch", c -> pg(c).setAdaptiveFetch(true), c -> pg(c).getAdaptiveFetch()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void is_at_its_baseline_for_the_next_holder(String name, Action<SQLException> change, Reading reading)
            throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder().onOpen(c -> {}).build());
        int before = pid(manager);
        Object baseline = read(manager, reading);

        manager.useConnection(lease -> {
            change.run(lease);
            assertThat(reading.of(lease)).as("the change took").isNotEqualTo(baseline);
            if (!lease.getAutoCommit()) {
                lease.commit();
            }
        });

        assertThat(read(manager, reading)).isEqualTo(baseline);
        assertThat(pid(manager)).isEqualTo(before);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settings")
    void is_at_its_baseline_after_a_forced_rollback_too(String name, Action<SQLException> change, Reading reading)
            throws SQLException {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        Object baseline = read(manager, reading);

        IllegalStateException boom = new IllegalStateException("boom");
        assertThatThrownBy(() -> manager.useConnection(lease -> {
                    change.run(lease);
                    execute(lease, lease.getAutoCommit() ? "BEGIN" : "SELECT 1");
                    throw boom;
                }))
                .isSameAs(boom);

        assertThat(read(manager, reading)).isEqualTo(baseline);
        assertThat(pid(manager)).isEqualTo(before);
    }

    private static Object read(ManagedConnection manager, Reading reading) throws SQLException {
        return manager.<Object, SQLException>inTransaction(reading::of);
    }

    @Test
    void the_bound_of_a_release_does_not_stay_with_the_session() throws SQLException {
        ManagedConnection manager = DB.manager();
        int baseline = manager.<Integer, SQLException>withConnection(Lease::getNetworkTimeout);
        Lease lease = manager.acquire();
        execute(lease, "SELECT 1");
        assertThatThrownBy(lease::close).isInstanceOf(OpenTransactionException.class);
        assertThat(manager.<Integer, SQLException>withConnection(Lease::getNetworkTimeout))
                .isEqualTo(baseline);
    }

    @Test
    void the_catalog_cannot_be_changed() throws SQLException {
        ManagedConnection manager = DB.manager();
        manager.useConnection(lease -> {
            String before = lease.getCatalog();
            lease.setCatalog("other");
            assertThat(lease.getCatalog()).isEqualTo(before);
            lease.commit();
        });
    }

    @Test
    void the_baseline_is_what_the_conninfo_and_the_hook_have_set() throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> {
                    connection.setSchema("pg_catalog");
                    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                    connection.setNetworkTimeout(Runnable::run, 54321);
                    connection.setClientInfo("ApplicationName", "the hook's");
                    pg(connection).setPrepareThreshold(7);
                })
                .build());
        for (int i = 0; i < 2; i++) {
            manager.useTransaction(lease -> {
                assertThat(query(lease, "SHOW search_path")).isEqualTo("pg_catalog");
                assertThat(lease.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
                assertThat(lease.getNetworkTimeout()).isEqualTo(54321);
                assertThat(query(lease, "SHOW application_name")).isEqualTo("the hook's");
                assertThat(pg(lease).getPrepareThreshold()).isEqualTo(7);
            });
            manager.useConnection(lease -> {
                lease.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                lease.setNetworkTimeout(Runnable::run, 0);
                lease.setClientInfo("ApplicationName", null);
                pg(lease).setPrepareThreshold(1);
                lease.setSchema("public");
                lease.commit();
            });
        }
        assertThat(manager.stats().opened()).isEqualTo(1);
    }

    @Test
    void read_only_that_the_server_enforces_returns_to_its_baseline() throws SQLException {
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    var source = DB.pgjdbcSource();
                    source.setProperty("readOnlyMode", "always");
                    return source.getConnection();
                }))
                .build());
        manager.useConnection(lease -> {
            lease.setReadOnly(true);
            lease.setAutoCommit(true);
            assertThat(query(lease, "SHOW transaction_read_only")).isEqualTo("on");
        });
        manager.useConnection(lease -> {
            lease.setAutoCommit(true);
            assertThat(query(lease, "SHOW transaction_read_only")).isEqualTo("off");
        });
    }

    @Test
    void a_map_that_a_holder_kept_is_not_the_next_ones() throws SQLException {
        ManagedConnection manager = DB.manager();
        Map<String, Class<?>> kept = manager.withConnection(Lease::getTypeMap);
        kept.put("a", String.class);
        assertThat(manager.withConnection(Lease::getTypeMap)).isEmpty();
    }

    private static PGConnection pg(Lease lease) throws SQLException {
        return lease.unwrap(PGConnection.class);
    }
}
