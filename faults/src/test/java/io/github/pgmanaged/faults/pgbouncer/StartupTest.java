package io.github.pgmanaged.faults.pgbouncer;

import static io.github.pgmanaged.faults.programs.Sql.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** What PgBouncer wants to be told before it lets a session begin. */
class StartupTest extends BehindPgBouncer {
    @ParameterizedTest
    @EnumSource
    void connection_strings_urls_and_data_sources_need_nothing_to_be_ignored(PgBouncer.Mode mode) throws Exception {
        PgBouncer plain = bouncer(mode);
        try (ManagedConnection manager = ManagedConnection.of(plain.conninfo() + " application_name=books")) {
            assertThat(manager.<String, SQLException>inTransaction(lease -> ask(lease, "SHOW application_name")))
                    .isEqualTo("books");
        }
        try (ManagedConnection manager = ManagedConnection.of(plain.jdbcUrl() + "&prepareThreshold=0")) {
            assertThat(manager.<String, SQLException>inTransaction(lease -> ask(lease, "SELECT 42")))
                    .isEqualTo("42");
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {plain.port()});
        source.setUser("postgres");
        source.setDatabaseName("postgres");
        source.setPrepareThreshold(0);
        try (ManagedConnection manager = ManagedConnection.builder(source).build()) {
            assertThat(manager.<String, SQLException>inTransaction(lease -> ask(lease, "SELECT 42")))
                    .isEqualTo("42");
        }
    }

    @ParameterizedTest
    @EnumSource
    void options_are_refused_or_have_no_effect(PgBouncer.Mode mode) throws Exception {
        String options = " options='-c statement_timeout=12s'";
        PgBouncer refusing = bouncer(mode);
        try (ManagedConnection manager = ManagedConnection.of(refusing.conninfo() + options)) {
            assertThatThrownBy(manager::acquire).hasMessageContaining("unsupported startup parameter: options");
        }
        refusing.close();
        PgBouncer ignoring = bouncer(mode, "ignore_startup_parameters = options");
        try (ManagedConnection manager = ManagedConnection.of(ignoring.conninfo() + options)) {
            assertThat(manager.<String, SQLException>inTransaction(lease -> ask(lease, "SHOW statement_timeout")))
                    .isEqualTo("0");
        }
    }
}
