package io.github.pgmanaged.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalConnectionFactoryConfigurationSupplier;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.LibpqDriver;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.jdbc.DataSourceBuilder;

/** {@link LibpqDataSource} by its class's name, in pools and in Spring Boot. */
class LibpqBeanTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @BeforeAll
    static void role() throws SQLException {
        DB.update("DROP ROLE IF EXISTS bean");
        DB.update("CREATE ROLE bean LOGIN PASSWORD 'secret'");
    }

    private static String user(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return TestDatabase.query(connection, "SELECT current_user");
        }
    }

    private static String owner() throws SQLException {
        return DB.query("SELECT current_user");
    }

    private static String hikari(HikariConfig config) throws SQLException {
        config.setDataSourceClassName(LibpqDataSource.class.getName());
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            return user(pool);
        }
    }

    @Test
    void hikaricp_makes_it_of_its_name_and_a_string() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.addDataSourceProperty("conninfo", DB.conninfo());
        assertThat(hikari(config)).isEqualTo(owner());
    }

    @Test
    void hikaricps_user_goes_before_the_urls() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.addDataSourceProperty("url", "jdbc:libpq:" + DB.conninfo());
        config.setUsername("bean");
        config.setPassword("secret");
        assertThat(hikari(config)).isEqualTo("bean");
    }

    private static String agroal(UnaryOperator<AgroalConnectionFactoryConfigurationSupplier> setting)
            throws SQLException {
        AgroalDataSourceConfigurationSupplier config = new AgroalDataSourceConfigurationSupplier();
        config.connectionPoolConfiguration(pool -> pool.maxSize(1)
                .connectionFactoryConfiguration(
                        factory -> setting.apply(factory.connectionProviderClass(LibpqDataSource.class))));
        try (AgroalDataSource pool = AgroalDataSource.from(config)) {
            return user(pool);
        }
    }

    @Test
    void agroal_has_it_for_a_provider() throws SQLException {
        assertThat(agroal(factory -> factory.jdbcUrl("jdbc:libpq:" + DB.conninfo())))
                .isEqualTo(owner());
        assertThat(agroal(factory -> factory.jdbcProperty("conninfo", DB.conninfo())
                        .principal(new NamePrincipal("bean"))
                        .credential(new SimplePassword("secret"))))
                .isEqualTo("bean");
    }

    /** As {@code spring.datasource.type} does, with {@code url}, {@code driver-class-name} and a user. */
    @Test
    void spring_boot_builds_it_for_its_type() throws SQLException {
        DataSourceBuilder<LibpqDataSource> builder = DataSourceBuilder.create()
                .type(LibpqDataSource.class)
                .driverClassName(LibpqDriver.class.getName())
                .url("jdbc:libpq:" + DB.conninfo());
        assertThat(user(builder.build())).isEqualTo(owner());
        assertThat(user(builder.username("bean").password("secret").build())).isEqualTo("bean");
    }
}
