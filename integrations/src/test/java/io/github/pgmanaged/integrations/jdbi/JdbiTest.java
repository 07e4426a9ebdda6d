package io.github.pgmanaged.integrations.jdbi;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.ResultIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Jdbi: a handle is a lease, and inside {@code withHandle} a thread has one handle. */
class JdbiTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));
    private final Jdbi jdbi = wired(manager);

    private static Jdbi wired(ManagedConnection manager) {
        Jdbi jdbi = Jdbi.create(manager.asDataSource());
        return jdbi;
    }

    private static void insert(Handle handle, String key) {
        handle.createUpdate("INSERT INTO example VALUES (:key, '1')")
                .bind("key", key)
                .execute();
    }

    private long count() {
        return jdbi.withHandle(handle -> handle.createQuery("SELECT count(*) FROM example")
                .mapTo(Long.class)
                .one());
    }

    @Test
    void handles_and_transactions_work_and_leave_nothing_open() throws Exception {
        jdbi.useHandle(handle -> insert(handle, "a"));
        jdbi.useTransaction(handle -> insert(handle, "b"));
        assertThat(count()).isEqualTo(2);
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void a_handle_inside_a_handle_is_the_same_one() {
        jdbi.useTransaction(handle -> {
            insert(handle, "a");
            assertThat(count()).isEqualTo(1); // withHandle takes the thread's handle, not a second lease
            jdbi.useTransaction(inner -> assertThat(inner.getConnection()).isSameAs(handle.getConnection()));
        });
        assertThat(manager.stats().leases()).isEqualTo(1);
    }

    @Test
    void a_savepoint_undoes_a_part_of_a_transaction() {
        jdbi.useTransaction(handle -> {
            insert(handle, "kept");
            handle.savepoint("before");
            insert(handle, "undone");
            handle.rollbackToSavepoint("before");
        });
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void a_transaction_inside_a_transaction_that_throws_undoes_both() {
        assertThatThrownBy(() -> jdbi.useTransaction(handle -> {
                    insert(handle, "undone");
                    jdbi.useTransaction(inner -> {
                        insert(inner, "undone, too");
                        throw new IllegalStateException("undo");
                    });
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(count()).isZero();
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_second_open_in_a_thread_fails_at_once() {
        try (Handle handle = jdbi.open()) {
            insert(handle, "a");
            refusedTo(jdbi::open, "withHandle");
            refusedTo(() -> jdbi.useHandle(second -> insert(second, "b"))); // which does not know of open()
        }
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().timeouts()).isZero();
    }

    @Test
    void a_stream_and_an_iterator_have_the_lease_as_long_as_their_handle() {
        try (Handle handle = jdbi.open()) {
            insert(handle, "a");
            try (Stream<String> keys = handle.createQuery("SELECT key FROM example").mapTo(String.class).stream()) {
                assertThat(keys).containsExactly("a");
            }
            try (ResultIterator<String> keys = handle.createQuery("SELECT key FROM example")
                    .mapTo(String.class)
                    .iterator()) {
                insert(handle, "b"); // on the same handle, so on the same connection
                assertThat(keys.next()).isEqualTo("a");
            }
            assertThat(manager.holder()).isPresent();
        }
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_transaction_left_open_in_sql_reaches_the_caller() {
        assertThatThrownBy(() -> jdbi.useHandle(handle -> {
                    handle.execute("BEGIN");
                    insert(handle, "undone");
                }))
                .hasRootCauseInstanceOf(OpenTransactionException.class);
        assertThat(count()).isZero();
    }
}
