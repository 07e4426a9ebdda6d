package io.github.pgmanaged.integrations.jooq;

import static io.github.pgmanaged.integrations.SecondConnections.refusedTo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.table;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.testing.TestDatabase;
import java.util.stream.Stream;
import org.jooq.Cursor;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Record1;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** jOOQ without Spring: each query takes the lease, a transaction has it for its time. */
class JooqTest {
    private static final Table<Record> EXAMPLE = table("example");
    private static final Field<String> KEY = field("key", String.class);

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));
    private final DSLContext dsl = wired(manager);

    private static DSLContext wired(ManagedConnection manager) {
        DSLContext dsl = DSL.using(manager.asDataSource(), SQLDialect.POSTGRES);
        return dsl;
    }

    private static void insert(DSLContext dsl, String key) {
        dsl.insertInto(EXAMPLE).columns(KEY).values(key).execute();
    }

    @Test
    void queries_work_and_leave_nothing_open() throws Exception {
        insert(dsl, "a");
        insert(dsl, "b");
        assertThat(dsl.select(KEY).from(EXAMPLE).orderBy(KEY).fetch(KEY)).containsExactly("a", "b");
        DB.awaitSessions(1);
        assertThat(manager.holder()).isEmpty();
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void a_transaction_in_a_transaction_is_a_savepoint() {
        dsl.transaction(outer -> {
            insert(outer.dsl(), "kept");
            try {
                outer.dsl().transaction(inner -> {
                    insert(inner.dsl(), "undone"); // not dsl, which would take a second connection
                    throw new IllegalStateException("undo this one");
                });
            } catch (IllegalStateException e) {
                insert(outer.dsl(), "kept, too");
            }
        });
        assertThat(dsl.select(KEY).from(EXAMPLE).orderBy(KEY).fetch(KEY)).containsExactly("kept", "kept, too");
        assertThat(manager.stats().rollbacks()).isZero();
    }

    @Test
    void a_transaction_that_throws_is_rolled_back() throws Exception {
        assertThatThrownBy(() -> dsl.transaction(inside -> {
                    insert(inside.dsl(), "undone");
                    throw new IllegalStateException("undo");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(DB.rows()).isZero();
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void the_outer_configuration_used_inside_a_transaction_fails_at_once() throws Exception {
        refusedTo(() -> dsl.transaction(inside -> {
            insert(inside.dsl(), "undone");
            insert(dsl, "of a second connection");
        }));
        assertThat(DB.rows()).isZero();
        assertThat(manager.stats().timeouts()).isZero();
    }

    @Test
    void a_lazy_fetch_and_a_stream_hold_the_lease_until_they_are_closed() {
        insert(dsl, "a");
        try (Cursor<Record1<String>> keys = dsl.select(KEY).from(EXAMPLE).fetchLazy()) {
            assertThat(keys.fetchNext()).isNotNull();
            assertThat(manager.holder()).isPresent();
            refusedTo(() -> insert(dsl, "b"), "configuration that the lambda is given");
        }
        assertThat(manager.holder()).isEmpty();
        try (Stream<Record1<String>> keys = dsl.select(KEY).from(EXAMPLE).fetchStream()) {
            assertThat(keys.iterator().hasNext()).isTrue();
            assertThat(manager.holder()).isPresent();
        }
        assertThat(manager.holder()).isEmpty();
    }

    @Test
    void a_transaction_left_open_reaches_the_caller() throws Exception {
        assertThat(catchThrowable(() -> dsl.connection(connection -> {
                    connection.setAutoCommit(false);
                    DSL.using(connection, SQLDialect.POSTGRES)
                            .insertInto(EXAMPLE)
                            .columns(KEY)
                            .values("undone")
                            .execute();
                })))
                .hasRootCauseInstanceOf(OpenTransactionException.class);
        assertThat(DB.rows()).isZero();
    }
}
