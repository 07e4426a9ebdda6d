package io.github.pgmanaged.peers;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.Notification;
import io.github.pgmanaged.NotificationListener;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A manager listens over a connection that is a pool's, and leaves nothing of it to the pool's next user. */
@Timeout(60)
class ListenOverPoolTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final NotificationListener listener = new NotificationListener() {
        @Override
        public void onReady(Reason reason) {
            heard.add("ready " + reason);
        }

        @Override
        public void onNotification(Notification notification) {
            heard.add(notification.payload());
        }

        @Override
        public void onLost(SQLException cause) {
            heard.add("lost");
        }
    };

    private void awaitHeard(String... lines) {
        Awaitility.await().untilAsserted(() -> assertThat(heard).containsExactly(lines));
    }

    @Test
    void messages_arrive_over_hikaricp_a_loss_is_told_and_the_next_user_listens_to_nothing() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(new LibpqDataSource(DB.conninfo()));
        config.setMaximumPoolSize(1);
        config.setAutoCommit(false);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            try (ManagedConnection manager = ManagedConnection.builder(pool).build()) {
                manager.listen("jobs", listener);
                DB.query("SELECT pg_notify('jobs', '1')");
                awaitHeard("ready FIRST", "1");
                for (int i = 0; i < 20; i++) {
                    manager.useTransaction(lease -> TestDatabase.execute(lease, "SELECT 1"));
                }
                assertThat(manager.stats().opened()).isEqualTo(1);
                DB.kill(manager.<Integer, SQLException>inTransaction(TestDatabase::pid));
                awaitHeard("ready FIRST", "1", "lost", "ready REOPENED");
                DB.query("SELECT pg_notify('jobs', '2')");
                awaitHeard("ready FIRST", "1", "lost", "ready REOPENED", "2");
            }
            try (Connection next = pool.getConnection()) {
                assertThat(TestDatabase.query(next, "SELECT count(*) FROM pg_listening_channels()"))
                        .isEqualTo("0");
            }
        }
    }
}
