package io.github.pgmanaged.integrations.wrappers;

import static io.github.pgmanaged.testing.TestDatabase.insert;
import static io.github.pgmanaged.testing.TestDatabase.query;
import static io.github.pgmanaged.testing.TestDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.p6spy.engine.spy.P6DataSource;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.listener.logging.SLF4JLogLevel;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Libraries that wrap a DataSource: around the leases, and beneath the manager. */
@ExtendWith(OutputCaptureExtension.class)
class WrappersTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    static Stream<Named<UnaryOperator<DataSource>>> wrappers() {
        return Stream.of(Named.of("datasource-proxy", WrappersTest::proxied), Named.of("p6spy", P6DataSource::new));
    }

    private static DataSource proxied(DataSource source) {
        return ProxyDataSourceBuilder.create(source)
                .name("shop")
                .logQueryBySlf4j(SLF4JLogLevel.INFO)
                .build();
    }

    private static ManagedConnection manager() {
        return DB.closing(ManagedConnection.of(DB.conninfo()));
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void around_a_lease_it_unwraps_to_the_lease_and_to_the_driver_as_long_as_it_is_held(
            UnaryOperator<DataSource> wrapper) throws Exception {
        ManagedConnection manager = manager();
        DataSource source = wrapper.apply(manager.asDataSource());
        Connection wrapped = source.getConnection();
        assertThat(wrapped.isWrapperFor(Lease.class)).isTrue();
        assertThat(wrapped.isWrapperFor(PGConnection.class)).isTrue();
        Lease lease = wrapped.unwrap(Lease.class);
        PGConnection driver = wrapped.unwrap(PGConnection.class);
        assertThat(query(wrapped, "SELECT pg_backend_pid()")).isEqualTo("" + driver.getBackendPID());
        try (PreparedStatement statement = wrapped.prepareStatement("SELECT 1")) {
            assertThat(statement.isWrapperFor(PGStatement.class)).isTrue();
            statement.unwrap(PGStatement.class).setPrepareThreshold(3);
        }
        assertThat(source.unwrap(ManagedConnection.class)).isSameAs(manager);
        wrapped.close();
        assertThat(lease.isClosed()).isTrue();
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("08003");
        assertThat(state(() -> query(wrapped, "SELECT 1"))).isEqualTo("08003");
        assertThat(state(driver::getNotifications)).isEqualTo("08003");
        assertThat(manager.holder()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void around_a_lease_what_it_leaves_is_rolled_back_and_reported(UnaryOperator<DataSource> wrapper) throws Exception {
        ManagedConnection manager = manager();
        Connection wrapped = wrapper.apply(manager.asDataSource()).getConnection();
        wrapped.setAutoCommit(false);
        insert(wrapped, "kept");
        wrapped.commit();
        insert(wrapped, "undone");
        assertThat(catchThrowable(wrapped::close)).isInstanceOf(OpenTransactionException.class);
        assertThat(manager.status()).isEqualTo(TransactionStatus.IDLE);
        assertThat(DB.query("SELECT key FROM example")).isEqualTo("kept");
        assertThat(DB.rows()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void they_log_the_values_of_parameters_unless_told_otherwise(
            UnaryOperator<DataSource> wrapper, CapturedOutput output) throws Exception {
        try (Connection wrapped = wrapper.apply(manager().asDataSource()).getConnection();
                PreparedStatement statement = wrapped.prepareStatement("SELECT ?")) {
            statement.setString(1, "hunter2");
            statement.executeQuery().close();
        }
        assertThat(output.getAll()).contains("hunter2");
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void beneath_a_manager_the_guarantee_holds(UnaryOperator<DataSource> wrapper) throws Exception {
        ManagedConnection manager = DB.closing(
                ManagedConnection.builder(wrapper.apply(DB.pgjdbcSource())).build());
        manager.useTransaction(lease -> insert(lease, "kept"));
        Lease lease = manager.acquire();
        assertThat(lease.isWrapperFor(PGConnection.class)).isTrue();
        assertThat(query(lease, "SELECT pg_backend_pid()"))
                .isEqualTo("" + lease.unwrap(PGConnection.class).getBackendPID());
        insert(lease, "undone");
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("08003");
        assertThat(DB.rows()).isEqualTo(1);
        DB.awaitSessions(1);
        manager.close();
        DB.awaitSessions(0);
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void on_both_sides_it_works_too(UnaryOperator<DataSource> wrapper) throws Exception {
        ManagedConnection manager = DB.closing(
                ManagedConnection.builder(wrapper.apply(DB.pgjdbcSource())).build());
        try (Connection wrapped = wrapper.apply(manager.asDataSource()).getConnection()) {
            assertThat(query(wrapped, "SELECT pg_backend_pid()"))
                    .isEqualTo("" + wrapped.unwrap(PGConnection.class).getBackendPID());
        }
        assertThat(manager.holder()).isEmpty();
    }
}
