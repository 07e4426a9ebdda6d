package io.github.pgmanaged.integrations.jdbctemplate;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.integrations.JdbcApplication;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring's templates. A stream, or a callback for rows, holds the lease until it has ended. */
class JdbcTemplateTest {
    private static final String KEYS = "SELECT key FROM example ORDER BY key";

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @JdbcApplication
    @ImportAutoConfiguration(JdbcClientAutoConfiguration.class)
    static class Shop {}

    private ConfigurableApplicationContext context;
    private ManagedConnection manager;
    private JdbcTemplate jdbc;
    private JdbcClient client;

    @BeforeEach
    void run() {
        context = Applications.run(DB, Shop.class);
        manager = context.getBean(ManagedConnection.class);
        jdbc = context.getBean(JdbcTemplate.class);
        client = context.getBean(JdbcClient.class);
        jdbc.update("INSERT INTO example VALUES ('a', '1'), ('b', '2')");
    }

    @Test
    void each_call_takes_the_lease_and_gives_it_back() throws Exception {
        assertThat(jdbc.queryForList(KEYS, String.class)).containsExactly("a", "b");
        assertThat(client.sql("SELECT value FROM example WHERE key = :key")
                        .param("key", "b")
                        .query(String.class)
                        .single())
                .isEqualTo("2");
        assertThat(jdbc.batchUpdate(
                        "INSERT INTO example VALUES (?, '3')", List.of(new Object[] {"c"}, new Object[] {"d"})))
                .containsExactly(1, 1);
        assertThat(DB.rows()).isEqualTo(4);
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void a_stream_holds_the_lease_until_it_is_closed_so_other_sql_fails_in_its_loop() {
        try (Stream<String> keys = jdbc.queryForStream(KEYS, (row, number) -> row.getString(1))) {
            refusedTo(
                    () -> keys.forEach(key -> jdbc.update("DELETE FROM example WHERE key = ?", key)), "close it first");
            assertThat(manager.holder()).isPresent();
        }
        assertThat(manager.holder()).isEmpty();
        try (Stream<String> keys = client.sql(KEYS).query(String.class).stream()) {
            assertThat(keys.iterator().next()).isEqualTo("a");
            assertThat(manager.holder()).isPresent();
        }
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void other_sql_fails_in_a_callback_for_rows_and_works_on_a_list_of_them() throws Exception {
        RowCallbackHandler deleting = row -> jdbc.update("DELETE FROM example WHERE key = ?", row.getString(1));
        refusedTo(() -> jdbc.query(KEYS, deleting));
        assertThat(manager.holder()).isEmpty();

        for (String key : client.sql(KEYS).query(String.class).list()) {
            client.sql("DELETE FROM example WHERE key = ?").param(key).update();
        }
        assertThat(DB.rows()).isZero();
    }

    @Test
    void in_a_transaction_a_stream_and_other_sql_share_its_connection() throws Exception {
        TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
        List<String> deleted = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            try (Stream<String> keys = client.sql("SELECT key FROM example").query(String.class).stream()) {
                keys.forEach(key -> {
                    client.sql("DELETE FROM example WHERE key = ?").param(key).update();
                    deleted.add(key);
                });
            }
        });
        assertThat(deleted).containsExactlyInAnyOrder("a", "b");
        assertThat(DB.rows()).isZero();
        assertThat(manager.holder()).isEmpty();
    }
}
