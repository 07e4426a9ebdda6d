package io.github.pgmanaged.peers;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** A manager whose data source is a pool gives back what it got. */
class PoolBeneathTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    /** What anybody has warned of meanwhile. */
    private static final class Warnings implements AutoCloseable {
        private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

        Warnings() {
            appender.list = new CopyOnWriteArrayList<>();
            appender.start();
            root.addAppender(appender);
        }

        List<String> texts() {
            return appender.list.stream()
                    .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList();
        }

        @Override
        public void close() {
            root.detachAppender(appender);
        }
    }

    private static HikariDataSource hikari() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(new LibpqDataSource(DB.conninfo()));
        config.setMaximumPoolSize(1);
        config.setAutoCommit(false);
        return new HikariDataSource(config);
    }

    private static int pid(DataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return TestDatabase.pid(connection);
        }
    }

    private static void work(ManagedConnection manager) throws SQLException {
        manager.useTransaction(lease -> TestDatabase.execute(lease, "SET TimeZone = 'UTC'"));
        manager.useConnection(lease -> assertThat(lease.getAutoCommit()).isFalse());
    }

    @Test
    void hikaricp_has_its_connection_again_as_it_gave_it_and_warns_of_nothing() throws SQLException {
        try (Warnings warnings = new Warnings();
                HikariDataSource pool = hikari()) {
            int before = pid(pool);
            for (int i = 0; i < 3; i++) {
                try (ManagedConnection manager = ManagedConnection.builder(pool).build()) {
                    work(manager);
                }
                try (Connection connection = pool.getConnection()) {
                    assertThat(TestDatabase.pid(connection)).isEqualTo(before);
                    assertThat(connection.getAutoCommit()).isFalse();
                    assertThat(connection
                                    .unwrap(org.postgresql.jdbc.PgConnection.class)
                                    .getAutoCommit())
                            .isFalse();
                }
            }
            assertThat(warnings.texts()).isEmpty();
        }
    }

    @Test
    void agroal_has_its_connection_again() throws SQLException {
        AgroalDataSourceConfigurationSupplier config = new AgroalDataSourceConfigurationSupplier();
        config.connectionPoolConfiguration(pool -> pool.maxSize(1)
                .connectionFactoryConfiguration(factory ->
                        factory.connectionProviderClass(LibpqDataSource.class).jdbcUrl(DB.conninfo())));
        try (Warnings warnings = new Warnings();
                AgroalDataSource pool = AgroalDataSource.from(config)) {
            int before = pid(pool);
            try (ManagedConnection manager = ManagedConnection.builder(pool).build()) {
                work(manager);
            }
            assertThat(pid(pool)).isEqualTo(before);
            assertThat(warnings.texts()).isEmpty();
        }
    }

    @Test
    void a_session_that_has_been_idle_goes_back_too() throws SQLException {
        try (Warnings warnings = new Warnings();
                HikariDataSource pool = hikari();
                ManagedConnection manager = ManagedConnection.builder(pool)
                        .idleTimeout(Duration.ofMillis(50))
                        .build()) {
            work(manager);
            Awaitility.await().until(() -> !manager.isOpen());
            assertThat(pid(pool)).isPositive();
            assertThat(warnings.texts()).isEmpty();
        }
    }

    @Test
    void what_a_hook_has_made_does_not_go_to_the_pools_other_users() throws SQLException {
        try (HikariDataSource pool = hikari()) {
            int before = pid(pool);
            try (ManagedConnection manager = ManagedConnection.builder(pool)
                    .onOpen(session -> TestDatabase.execute(session, "SET TimeZone = 'UTC'"))
                    .build()) {
                work(manager);
            }
            assertThat(pid(pool)).isNotEqualTo(before);
        }
    }

    @Test
    void a_session_that_is_to_end_ends() throws SQLException {
        try (HikariDataSource pool = hikari();
                ManagedConnection manager = ManagedConnection.builder(pool).build()) {
            int before = manager.<Integer, SQLException>withConnection(TestDatabase::pid);
            manager.reset();
            assertThat(manager.<Integer, SQLException>withConnection(TestDatabase::pid))
                    .isNotEqualTo(before);
        }
    }
}
