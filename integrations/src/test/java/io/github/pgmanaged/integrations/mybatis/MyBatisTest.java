package io.github.pgmanaged.integrations.mybatis;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.Iterator;
import org.apache.ibatis.cursor.Cursor;
import org.apache.ibatis.mapping.Environment;
import org.apache.ibatis.session.Configuration;
import org.apache.ibatis.session.SqlSession;
import org.apache.ibatis.session.SqlSessionFactory;
import org.apache.ibatis.session.SqlSessionFactoryBuilder;
import org.apache.ibatis.transaction.jdbc.JdbcTransactionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** MyBatis without Spring: a session takes the lease with its first statement and has it until it is closed. */
class MyBatisTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));
    private final SqlSessionFactory sessions = wired(manager);

    private static SqlSessionFactory wired(ManagedConnection manager) {
        Environment shop = new Environment("shop", new JdbcTransactionFactory(), manager.asDataSource());
        Configuration configuration = new Configuration(shop);
        configuration.addMapper(Items.class);
        SqlSessionFactory sessions = new SqlSessionFactoryBuilder().build(configuration);
        return sessions;
    }

    @Test
    void a_session_that_commits_works() throws Exception {
        try (SqlSession session = sessions.openSession()) {
            Items items = session.getMapper(Items.class);
            items.insert("a");
            session.commit();
        }
        assertThat(DB.rows()).isEqualTo(1);
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void a_session_that_does_not_commit_is_rolled_back_by_mybatis() throws Exception {
        try (SqlSession session = sessions.openSession()) {
            session.getMapper(Items.class).insert("undone");
        }
        assertThat(DB.rows()).isZero();
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_session_closed_after_queries_alone_leaves_no_transaction() {
        try (SqlSession session = sessions.openSession()) {
            assertThat(session.getMapper(Items.class).keys()).isEmpty();
        }
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void a_session_takes_the_lease_with_its_first_statement_and_a_second_session_in_the_thread_fails_with_its_own() {
        try (SqlSession first = sessions.openSession();
                SqlSession second = sessions.openSession()) {
            assertThat(manager.holder()).isEmpty();
            first.getMapper(Items.class).keys();
            assertThat(manager.holder()).isPresent();
            refusedTo(() -> second.getMapper(Items.class).keys(), "SqlSession");
        }
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().timeouts()).isZero();
    }

    @Test
    void a_cursor_is_read_in_its_session_which_can_run_other_statements_meanwhile() throws Exception {
        try (SqlSession session = sessions.openSession()) {
            Items items = session.getMapper(Items.class);
            items.insert("a");
            items.insert("b");
            try (Cursor<String> keys = items.cursor()) {
                Iterator<String> iterator = keys.iterator();
                assertThat(iterator.next()).isEqualTo("a");
                items.insert("c");
                assertThat(iterator.next()).isEqualTo("b");
            }
            session.commit();
        }
        assertThat(manager.holder()).isEmpty();
    }
}
