package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.geometric.PGbox;
import org.postgresql.geometric.PGpoint;
import org.postgresql.util.PGobject;

/** A library that registers its types on each connection does not cost a session a lease. */
class DataTypesTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** What a library maps a type of its own to. */
    public static class Mood extends PGobject {
        private static final long serialVersionUID = 1;
    }

    enum Form {
        CLASS {
            @Override
            void register(Connection connection, String type, Class<? extends PGobject> to) throws SQLException {
                connection.unwrap(PGConnection.class).addDataType(type, to);
            }
        },
        NAME {
            @Override
            @SuppressWarnings("deprecation")
            void register(Connection connection, String type, Class<? extends PGobject> to) throws SQLException {
                connection.unwrap(PGConnection.class).addDataType(type, to.getName());
            }
        };

        abstract void register(Connection connection, String type, Class<? extends PGobject> to) throws SQLException;
    }

    @ParameterizedTest
    @EnumSource
    void a_type_that_the_driver_maps_so_itself_costs_nothing(Form form) throws Exception {
        assertThat(keepsItsSession(builder -> builder, lease -> form.register(lease, "point", PGpoint.class)))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void a_type_that_the_hook_has_mapped_so_costs_nothing(Form form) throws Exception {
        assertThat(keepsItsSession(
                        builder -> builder.onOpen(connection -> form.register(connection, "mood", Mood.class)),
                        lease -> form.register(lease, "mood", Mood.class)))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void a_type_that_is_new_or_mapped_to_something_else_costs_the_session(Form form) throws Exception {
        assertThat(keepsItsSession(builder -> builder, lease -> form.register(lease, "mood", Mood.class)))
                .isFalse();
        assertThat(keepsItsSession(builder -> builder, lease -> form.register(lease, "point", PGbox.class)))
                .isFalse();
    }

    private static boolean keepsItsSession(
            UnaryOperator<ManagedConnection.Builder> options, Action<SQLException> action) throws SQLException {
        ManagedConnection manager = DB.closing(options.apply(DB.builder()).build());
        int before = pid(manager);
        manager.useConnection(action);
        return pid(manager) == before;
    }

    @Test
    void asking_what_is_mapped_says_nothing_to_the_server() throws Exception {
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(connection -> Form.CLASS.register(connection, "mood", Mood.class))
                .build());
        try (Lease lease = manager.acquire()) {
            Form.CLASS.register(lease, "mood", Mood.class);
            assertThat(lease.status()).isEqualTo(TransactionStatus.IDLE);
        }
    }

    @Test
    void a_type_that_is_mapped_in_the_lease_is_read_so_in_it() throws Exception {
        DB.update("CREATE TYPE mood AS (a int)");
        for (boolean hook : new boolean[] {true, false}) {
            ManagedConnection manager = DB.closing(DB.builder()
                    .onOpen(connection -> {
                        if (hook) {
                            Form.CLASS.register(connection, "mood", Mood.class);
                        }
                    })
                    .build());
            try (Lease lease = manager.acquire()) {
                Form.CLASS.register(lease, "mood", Mood.class);
                ResultSet row = lease.createStatement().executeQuery("SELECT ROW(7)::mood");
                row.next();
                assertThat(row.getObject(1)).isInstanceOf(Mood.class).hasToString("(7)");
                execute(lease, "ROLLBACK");
            }
        }
    }
}
