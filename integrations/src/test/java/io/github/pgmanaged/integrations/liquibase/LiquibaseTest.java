package io.github.pgmanaged.integrations.liquibase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.testing.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** Liquibase takes one lease for its whole run, so {@code max-lease} must be longer. */
@ExtendWith(OutputCaptureExtension.class)
class LiquibaseTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({PgmanagedAutoConfiguration.class, LiquibaseAutoConfiguration.class})
    static class Shop {}

    @Test
    void it_updates_on_the_one_connection_also_outside_a_transaction() throws Exception {
        var context =
                Applications.run(DB, Shop.class, "spring.liquibase.change-log=classpath:/liquibase/changelog.sql");
        assertThat(DB.query("SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_item'"))
                .isEqualTo("1");
        assertThat(DB.query("SELECT locked FROM databasechangeloglock")).isEqualTo("f");
        DB.awaitSessions(1);
        assertThat(context.getBean(ManagedConnection.class).holder()).isEmpty();
        assertThat(context.getBean(ManagedConnection.class).stats().leases()).isEqualTo(1);
    }

    @Test
    void as_a_user_of_its_own_without_a_url_it_cannot_update_and_start_up_says_what_to_change(CapturedOutput output) {
        assertThatThrownBy(() -> Applications.run(
                        DB,
                        Shop.class,
                        "spring.liquibase.change-log=classpath:/liquibase/changelog.sql",
                        "spring.liquibase.user=migrator"))
                .isNotNull();
        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", "Leave spring.liquibase.user out", "spring.liquibase.url");
    }
}
