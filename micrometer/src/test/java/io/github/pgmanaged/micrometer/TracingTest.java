package io.github.pgmanaged.micrometer;

import static io.github.pgmanaged.testing.TestDatabase.execute;
import static io.github.pgmanaged.testing.TestDatabase.insert;
import static io.github.pgmanaged.testing.TestDatabase.query;
import static io.github.pgmanaged.testing.TestDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.OpenTransactionException;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.TestDatabase;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.instrumentation.jdbc.datasource.JdbcTelemetry;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PgConnection;

/** OpenTelemetry's instrumentation of JDBC, around a manager's leases and beneath them. */
@Timeout(120)
class TracingTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final OpenTelemetry openTelemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .build();
    private final JdbcTelemetry telemetry = JdbcTelemetry.builder(openTelemetry)
            .setDataSourceInstrumenterEnabled(true)
            .setTransactionInstrumenterEnabled(true)
            .build();

    /** A manager whose leases are wrapped. */
    private final ManagedConnection inside =
            DB.closing(ManagedConnection.builder(DB.conninfo()).name("inside").build());

    private final DataSource around = telemetry.wrap(inside.asDataSource());

    /** A manager whose session is wrapped. */
    private final ManagedConnection above = DB.closing(ManagedConnection.builder(telemetry.wrap(DB.pgjdbcSource()))
            .name("above")
            .build());

    TracingTest() throws SQLException {}

    private List<String> statements() {
        return spans.getFinishedSpanItems().stream()
                .map(span -> span.getAttributes().get(AttributeKey.stringKey("db.statement")))
                .filter(Objects::nonNull)
                .toList();
    }

    private List<String> names() {
        return spans.getFinishedSpanItems().stream().map(SpanData::getName).toList();
    }

    // --- around -------------------------------------------------------------------------------------------------

    @Test
    void around_a_lease_each_statement_is_a_span_without_its_values() throws Exception {
        try (Connection lease = around.getConnection();
                PreparedStatement statement = lease.prepareStatement("SELECT 'hunter2', ?")) {
            statement.setInt(1, 42);
            statement.executeQuery().next();
        }
        assertThat(statements()).containsExactly("SELECT ?, ?");
        assertThat(spans.getFinishedSpanItems().toString()).doesNotContain("hunter2");
    }

    @Test
    void around_a_lease_the_wait_for_it_is_a_span() throws Exception {
        Duration some = Duration.ofMillis(100);
        Span request = openTelemetry.getTracer("test").spanBuilder("request").startSpan();
        CompletableFuture<Void> waiter;
        try (Lease held = inside.acquire()) {
            waiter = Elsewhere.run(() -> {
                try (Scope scope = request.makeCurrent()) {
                    around.getConnection().close();
                }
            });
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> inside.waiters().firstWait().compareTo(some) >= 0);
        }
        waiter.get();
        request.end();
        assertThat(spans.getFinishedSpanItems())
                .filteredOn(span -> span.getName().endsWith(".getConnection"))
                .hasSize(1)
                .allSatisfy(span -> assertThat(span.getParentSpanId())
                        .isEqualTo(request.getSpanContext().getSpanId()))
                .allSatisfy(span -> assertThat(span.getEndEpochNanos() - span.getStartEpochNanos())
                        .isGreaterThanOrEqualTo(some.toNanos()));
    }

    @Test
    void around_a_lease_what_it_leaves_is_rolled_back_and_reported() throws Exception {
        Connection committing = around.getConnection();
        committing.setAutoCommit(false);
        insert(committing, "kept");
        committing.commit();
        insert(committing, "lost");
        assertThat(catchThrowable(committing::close)).isInstanceOf(OpenTransactionException.class);
        Connection beginning = around.getConnection();
        assertThat(beginning.getAutoCommit()).isTrue();
        execute(beginning, "BEGIN");
        insert(beginning, "lost, too");
        assertThat(catchThrowable(beginning::close)).isInstanceOf(OpenTransactionException.class);
        assertThat(inside.status()).isEqualTo(TransactionStatus.IDLE);
        assertThat(DB.rows()).isEqualTo(1);
        assertThat(names()).contains("COMMIT");
    }

    @Test
    void around_a_lease_it_unwraps_to_the_lease_and_to_the_driver_as_long_as_it_is_held() throws Exception {
        Connection wrapped = around.getConnection();
        assertThat(wrapped.isWrapperFor(Lease.class)).isTrue();
        Lease lease = wrapped.unwrap(Lease.class);
        int pid = wrapped.unwrap(PGConnection.class).getBackendPID();
        assertThat(query(lease, "SELECT pg_backend_pid()")).isEqualTo("" + pid);
        assertThat(wrapped.unwrap(PgConnection.class).getBackendPID()).isEqualTo(pid);
        try (Statement statement = wrapped.createStatement()) {
            assertThat(statement.unwrap(PGStatement.class)).isNotNull();
        }
        assertThat(around.unwrap(ManagedConnection.class)).isSameAs(inside);
        wrapped.close();
        assertThat(lease.isClosed()).isTrue();
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("08003");
        assertThat(state(() -> query(wrapped, "SELECT 1"))).isEqualTo("08003");
    }

    // --- beneath ------------------------------------------------------------------------------------------------

    @Test
    void beneath_a_lease_each_statement_and_commit_is_a_span() throws Exception {
        above.useTransaction(lease -> insert(lease, "hunter2"));
        assertThat(statements()).containsExactly("INSERT INTO example (key, value) VALUES (?, ?)");
        assertThat(names()).contains("COMMIT");
        assertThat(spans.getFinishedSpanItems().toString()).doesNotContain("hunter2");
    }

    @Test
    void beneath_a_lease_a_span_belongs_to_the_request_and_the_opening_is_none_since_a_thread_of_its_own_opens()
            throws Exception {
        Span request = openTelemetry.getTracer("test").spanBuilder("request").startSpan();
        try (Scope scope = request.makeCurrent()) {
            above.useConnection(lease -> {
                query(lease, "SELECT 1");
                lease.commit();
            });
        }
        assertThat(spans.getFinishedSpanItems())
                .hasSize(2)
                .allSatisfy(span -> assertThat(span.getParentSpanId())
                        .isEqualTo(request.getSpanContext().getSpanId()));
    }

    @Test
    void beneath_a_lease_what_it_leaves_is_rolled_back_and_reported() throws Exception {
        Lease lease = above.acquire();
        insert(lease, "lost");
        assertThat(catchThrowable(lease::close)).isInstanceOf(OpenTransactionException.class);
        Lease beginning = above.acquire();
        beginning.setAutoCommit(true);
        execute(beginning, "BEGIN");
        insert(beginning, "lost, too");
        assertThat(catchThrowable(beginning::close)).isInstanceOf(OpenTransactionException.class);
        assertThat(DB.rows()).isZero();
        assertThat(above.status()).isEqualTo(TransactionStatus.IDLE);
        assertThat(names()).as("the release's own ROLLBACK is none").doesNotContain("ROLLBACK");
    }

    @Test
    void beneath_a_lease_it_unwraps_to_the_driver_and_a_session_whose_own_object_got_out_is_closed() throws Exception {
        try (Lease lease = above.acquire()) {
            int pid = lease.unwrap(PGConnection.class).getBackendPID();
            assertThat(query(lease, "SELECT pg_backend_pid()")).isEqualTo("" + pid);
            lease.commit();
        }
        DB.awaitSessions(1);
        try (Lease lease = above.acquire()) {
            assertThat(lease.unwrap(PgConnection.class).getBackendPID()).isPositive();
        }
        DB.awaitSessions(0);
    }

    @Test
    void beneath_a_lease_the_session_is_closed_with_the_manager() throws Exception {
        above.acquire().close();
        DB.awaitSessions(1);
        above.close();
        DB.awaitSessions(0);
    }

    @Test
    void beneath_a_lease_one_that_is_revoked_is_cancelled_and_cut_all_the_same() throws Exception {
        Lease lease = above.acquire();
        insert(lease, "lost");
        CompletableFuture<String> sleeper = Elsewhere.call(() -> state(() -> query(lease, "SELECT pg_sleep(300)")));
        Awaitility.await().atMost(PATIENCE).until(() -> above.status() == TransactionStatus.ACTIVE);
        assertThat(above.revoke("enough")).isTrue();
        assertThat(sleeper.get()).isNotEqualTo("none");
        assertThat(state(() -> query(lease, "SELECT 1"))).isEqualTo("08003");
        above.acquire().close();
        assertThat(DB.rows()).isZero();
    }
}
