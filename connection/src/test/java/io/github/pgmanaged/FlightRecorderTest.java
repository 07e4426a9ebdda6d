package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.DeafProxy;
import io.github.pgmanaged.testing.Elsewhere;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What happens is in a recording of the Flight Recorder, with the settings that are in the jar. */
@Timeout(120)
class FlightRecorderTest {
    private static final String PREFIX = "io.github.pgmanaged.";

    /** Of each manager here. */
    private static final String NAME = "recorded";

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @TempDir
    Path folder;

    private final ManagedConnection manager = DB.closing(DB.builder().name(NAME).build());

    private interface Scene {
        void play() throws Exception;
    }

    /** All events of a scene; those of other tests' managers, which may be ending, do not count. */
    private List<RecordedEvent> record(Scene scene) throws Exception {
        Path file = folder.resolve("recording.jfr");
        try (Reader settings = new InputStreamReader(
                        ManagedConnection.class.getResourceAsStream("/META-INF/jfr/pgmanaged.jfc"),
                        StandardCharsets.UTF_8);
                Recording recording = new Recording(Configuration.create(settings))) {
            recording.start();
            scene.play();
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> NAME.equals(event.getString("manager")))
                .sorted(Comparator.comparing(RecordedEvent::getEndTime))
                .toList();
    }

    private static Stream<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream().filter(event -> event.getEventType().getName().equals(PREFIX + name));
    }

    private static RecordedEvent only(List<RecordedEvent> events, String name) {
        List<RecordedEvent> found = of(events, name).toList();
        assertThat(found).as(name).hasSize(1);
        return found.get(0);
    }

    private static List<String> outcomes(List<RecordedEvent> events) {
        return of(events, "Lease").map(event -> event.getString("outcome")).toList();
    }

    @Test
    void a_session_that_is_opened_and_closed_is_recorded_with_its_time_and_reason() throws Exception {
        List<RecordedEvent> events = record(() -> {
            pid(manager);
            manager.reset();
        });
        RecordedEvent opened = only(events, "SessionOpened");
        assertThat(opened.getString("manager")).isEqualTo("recorded");
        assertThat(opened.getDuration("openTime")).isPositive();
        assertThat(opened.getClass("failure")).isNull();
        assertThat(only(events, "SessionClosed").getString("reason")).isEqualTo("RESET");
    }

    @Test
    void an_opening_that_fails_is_recorded_with_its_sqlstate_and_without_its_text() throws Exception {
        ManagedConnection failing = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    throw new SQLException("the secret is hunter2", "28P01");
                }))
                .name(NAME)
                .build());
        List<RecordedEvent> events = record(() -> state(failing::acquire));
        RecordedEvent failed = only(events, "SessionOpened");
        assertThat(failed.getClass("failure").getName()).isEqualTo("java.sql.SQLException");
        assertThat(failed.getString("sqlState")).isEqualTo("28P01");
        assertThat(events.toString()).doesNotContain("hunter2");
    }

    @Test
    void a_validation_that_fails_is_recorded_and_what_became_of_the_session() throws Exception {
        ManagedConnection careful = DB.closing(
                DB.builder().name(NAME).validateAfterIdle(Duration.ZERO).build());
        DB.kill(pid(careful));
        List<RecordedEvent> events = record(() -> pid(careful));
        only(events, "ValidationFailed");
        assertThat(only(events, "SessionClosed").getString("reason")).isEqualTo("VALIDATION");
        only(events, "SessionOpened");
    }

    @Test
    void who_waits_is_recorded_with_the_time_and_whether_the_turn_came() throws Exception {
        Duration some = Duration.ofMillis(100);
        List<RecordedEvent> events = record(() -> {
            CompletableFuture<Void> waiter;
            try (Lease lease = manager.acquire()) {
                assertThat(Elsewhere.call(() -> state(() -> manager.acquire(some)))
                                .get())
                        .isEqualTo("08001");
                waiter = Elsewhere.run(() -> manager.acquire().close());
                Awaitility.await().until(() -> manager.waiters().firstWait().compareTo(some) >= 0);
            }
            waiter.get();
        });
        assertThat(of(events, "LeaseWait"))
                .hasSize(2)
                .allSatisfy(event -> assertThat(event.getDuration("waited")).isGreaterThanOrEqualTo(some))
                .allSatisfy(event -> assertThat(event.getThread().getJavaName()).isEqualTo("elsewhere"))
                .extracting(event -> event.getBoolean("inVain"))
                .containsExactly(true, false);
    }

    @Test
    void a_lease_is_recorded_with_its_holder_its_time_and_its_outcome() throws Exception {
        Thread holder = Thread.currentThread();
        List<RecordedEvent> events = record(() -> {
            Lease lease = manager.acquire();
            query(lease, "SELECT 1");
            lease.commit();
            Elsewhere.run(lease::close).get();
        });
        RecordedEvent lease = only(events, "Lease");
        assertThat(lease.getThread("holder").getJavaName()).isEqualTo(holder.getName());
        assertThat(lease.getThread().getJavaName()).as("who released it").isEqualTo("elsewhere");
        assertThat(lease.getDuration("held")).isPositive();
        assertThat(lease.getString("outcome")).isEqualTo("RELEASED");
    }

    @Test
    void a_lease_that_makes_no_call_is_recorded_too() throws Exception {
        manager.acquire().close();
        List<RecordedEvent> events = record(() -> manager.acquire().close());
        assertThat(only(events, "Lease").getDuration("held")).isPositive();
    }

    @Test
    void a_rollback_by_a_release_is_recorded_with_the_stack_of_the_release() throws Exception {
        List<RecordedEvent> events = record(() -> {
            Lease lease = manager.acquire();
            insert(lease, "a");
            assertThat(state(lease::close)).isEqualTo("25000");
            assertThat(catchThrowable(() -> manager.useTransaction(work -> {
                        insert(work, "a");
                        throw new IllegalStateException("of the work");
                    })))
                    .isInstanceOf(IllegalStateException.class);
        });
        assertThat(of(events, "ForcedRollback"))
                .allSatisfy(event -> assertThat(event.getStackTrace().getFrames())
                        .anyMatch(frame ->
                                frame.getMethod().getType().getName().equals(FlightRecorderTest.class.getName())))
                .extracting(event -> event.getBoolean("workThrew"))
                .containsExactly(false, true);
        assertThat(outcomes(events)).containsExactly("ROLLED_BACK", "ROLLED_BACK");
    }

    @Test
    void a_lease_that_is_revoked_is_recorded_with_the_reason() throws Exception {
        ManagedConnection strict = DB.closing(
                DB.builder().name(NAME).maxLease(Duration.ofMillis(300)).build());
        List<RecordedEvent> events = record(() -> {
            manager.acquire();
            manager.revoke("long enough");
            strict.acquire();
            Awaitility.await().until(() -> !strict.isOpen());
            Awaitility.await().until(() -> strict.holder().isEmpty());
        });
        assertThat(of(events, "LeaseRevoked"))
                .allSatisfy(event -> assertThat(event.getDuration("held")).isPositive())
                .allSatisfy(event -> assertThat(event.getThread("holder").getJavaName())
                        .isEqualTo(Thread.currentThread().getName()))
                .extracting(event -> event.getString("reason"))
                .containsExactly("long enough", "maxLease");
        assertThat(outcomes(events)).startsWith("REVOKED");
    }

    @Test
    void a_lease_that_is_lost_or_abandoned_is_recorded() throws Exception {
        ManagedConnection forgetful = DB.closing(
                DB.builder().name(NAME).releaseTimeout(Duration.ofMillis(100)).build());
        List<RecordedEvent> events = record(() -> {
            Lease lost = manager.acquire();
            DB.kill(pid(lost));
            state(() -> query(lost, "SELECT 1"));
            Elsewhere.callToTheEnd(forgetful::acquire);
            pid(forgetful);
        });
        assertThat(outcomes(events)).containsExactly("LOST", "ABANDONED", "RELEASED");
        assertThat(only(events, "LeaseRevoked").getString("holderName"))
                .as("though its thread has ended")
                .isEqualTo("elsewhere");
        assertThat(only(events, "LeaseRevoked").getString("reason")).isEqualTo("abandoned");
    }

    @Test
    void a_commit_without_an_answer_is_recorded() throws Exception {
        DeafProxy proxy = DB.closing(new DeafProxy(DB.pgjdbcSource()));
        ManagedConnection proxied =
                DB.closing(ManagedConnection.builder(proxy.source()).name(NAME).build());
        List<RecordedEvent> events = record(() -> {
            Lease lease = proxied.acquire();
            insert(lease, "a");
            proxy.cutAnswerTo("COMMIT");
            assertThat(state(lease::commit)).isEqualTo("08007");
            assertThat(state(lease::close)).isEqualTo("08007");
        });
        only(events, "CommitUnknown");
    }

    @Test
    void a_pause_is_recorded_when_it_is_over_and_what_it_closed() throws Exception {
        List<RecordedEvent> events = record(() -> {
            manager.acquire().close();
            manager.drain(Duration.ZERO);
            manager.resume();
            manager.resume();
        });
        assertThat(only(events, "Resumed").getDuration("paused")).isPositive();
        assertThat(only(events, "SessionClosed").getString("reason")).isEqualTo("DRAINED");
    }

    @Test
    void the_settings_record_nothing_of_others_and_no_text_of_a_statement() throws Exception {
        Path file = folder.resolve("recording.jfr");
        List<RecordedEvent> events = record(() -> {
            manager.useConnection(lease -> execute(lease, "SELECT 'hunter2'; ROLLBACK"));
            state(() -> manager.useConnection(lease -> execute(lease, "SELECT 'hunter2'")));
        });
        assertThat(events).isNotEmpty();
        assertThat(events)
                .extracting(event -> event.getEventType().getName())
                .allMatch(name -> name.startsWith(PREFIX));
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .doesNotContain("hunter2");
        assertThat(events.toString()).doesNotContain("hunter2").doesNotContain("SELECT");
    }
}
