package io.github.pgmanaged.integrations.flyway;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** Flyway holds its lock on one connection and migrates on another, unless the lock is one of the session's. */
@ExtendWith(OutputCaptureExtension.class)
class FlywayTest {
    private static final String LOCATION = "spring.flyway.locations=classpath:flyway";
    private static final String BASELINE = "spring.flyway.baseline-on-migrate=true";
    private static final String BEFORE_ALL = "spring.flyway.baseline-version=0";

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({PgmanagedAutoConfiguration.class, FlywayAutoConfiguration.class})
    static class Shop {}

    @AfterEach
    void drop() throws Exception {
        DB.update("DROP TABLE IF EXISTS orders, flyway_schema_history");
    }

    @Test
    void by_default_it_fails_at_once_and_start_up_says_what_to_set(CapturedOutput output) {
        assertThatThrownBy(() -> Applications.run(DB, Shop.class, LOCATION, BASELINE, BEFORE_ALL))
                .isNotNull();
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "spring.flyway.postgresql.transactional-lock=false");
    }

    @Test
    void with_its_lock_in_the_session_it_migrates_on_the_one_connection() throws Exception {
        var context = Applications.run(
                DB, Shop.class, LOCATION, BASELINE, BEFORE_ALL, "spring.flyway.postgresql.transactional-lock=false");
        assertThat(DB.query("SELECT item FROM orders")).isEqualTo("a book");
        DB.awaitSessions(1);
        assertThat(context.getBean(ManagedConnection.class).stats().rollbacks()).isZero();
    }

    @Test
    void as_a_user_of_its_own_without_a_url_it_cannot_migrate_and_start_up_says_what_to_change(CapturedOutput output) {
        assertThatThrownBy(() -> Applications.run(
                        DB, Shop.class, LOCATION, "spring.flyway.user=migrator", "spring.flyway.password=s3cret"))
                .isNotNull();
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "Leave spring.flyway.user out", "spring.flyway.url")
                .doesNotContain("s3cret");
    }

    private static FluentConfiguration wired(ManagedConnection manager) {
        return Flyway.configure()
                .dataSource(manager.asDataSource())
                .configuration(Map.of("flyway.postgresql.transactional.lock", "false"));
    }

    @Test
    void without_boot_it_is_told_by_its_own_property_and_a_script_around_migrations_cannot_be_used() throws Exception {
        ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));
        FluentConfiguration flyway = wired(manager).baselineOnMigrate(true).baselineVersion("0");
        assertThat(flyway.locations("classpath:flyway").load().migrate().migrationsExecuted)
                .isEqualTo(2);
        DB.awaitSessions(1);
        refusedTo(() -> flyway.locations("classpath:flyway", "classpath:flyway-around")
                .load()
                .migrate());
        assertThat(manager.holder()).isEmpty();
    }
}
