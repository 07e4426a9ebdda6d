package io.github.pgmanaged.conninfo.internal.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.Sources;
import io.github.pgmanaged.conninfo.TalkingServer;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the caller is told that the time is over, everything is: no thread goes on, no socket is left. */
@Timeout(120)
class DeadlineTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final AtomicInteger passwords = new AtomicInteger();

    @TempDir
    private Path directory;

    @Test
    void a_question_for_tls_without_an_answer_is_the_end_and_not_a_reason_for_plain_text() throws Exception {
        assertNoPasswordInClear("sslmode=prefer");
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(strings = {"sslmode=require", "sslmode=prefer gssencmode=disable"})
    void a_question_without_an_answer_is_the_end_with_other_settings_too(String parameters) throws Exception {
        assertNoPasswordInClear(parameters);
    }

    private void assertNoPasswordInClear(String parameters) throws Exception {
        try (TalkingServer slow = new TalkingServer(this::asksForThePasswordInClearButIgnoresTheQuestionForTls)) {
            LibpqDataSource source = Sources.of(
                    "host=127.0.0.1 port=" + slow.port() + " user=me password=hunter2 connect_timeout=3 " + parameters);
            assertThat(catchThrowable(source::getConnection)).hasMessageEndingWith("timeout expired");
            assertEverythingEnds(slow, 1);
            assertThat(passwords).hasValue(0);
        }
    }

    @Test
    void the_login_timeout_of_a_url_of_pgjdbcs_is_the_end_too() throws Exception {
        try (TalkingServer slow = new TalkingServer(this::asksForThePasswordInClearButIgnoresTheQuestionForTls)) {
            LibpqDataSource source = new LibpqDataSource("jdbc:postgresql://127.0.0.1:" + slow.port()
                    + "/books?user=me&password=hunter2&sslResponseTimeout=6000");
            source.setLoginTimeout(3);
            assertThat(catchThrowable(source::getConnection)).isInstanceOf(SQLException.class);
            assertEverythingEnds(slow, 1);
            assertThat(passwords).hasValue(0);
        }
    }

    @Test
    void without_a_timeout_a_question_for_tls_is_waited_for_as_libpq_does() throws Exception {
        try (TalkingServer slow = new TalkingServer(this::asksForThePasswordInClearButIgnoresTheQuestionForTls)) {
            Properties properties = new Properties();
            properties.setProperty("sslResponseTimeout", "50"); // pgjdbc's own is five seconds
            Future<Throwable> opening =
                    CompletableFuture.supplyAsync(() -> catchThrowable(() -> DriverManager.getConnection(
                            "jdbc:libpq:host=127.0.0.1 port=" + slow.port() + " user=me password=hunter2",
                            properties)));
            await().until(() -> slow.visits() == 1);
            await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> slow.visits() == 1);
            assertThat(passwords).hasValue(0);
            slow.close();
            assertThat(opening.get()).isInstanceOf(SQLException.class);
            assertThat(passwords).hasValue(0);
        }
    }

    private void asksForThePasswordInClearButIgnoresTheQuestionForTls(DataInputStream in, DataOutputStream out)
            throws IOException {
        while (TalkingServer.packet(in) == TalkingServer.SSL_REQUEST) {
            // No answer.
        }
        out.write(TalkingServer.message('R', new byte[] {0, 0, 0, 3}));
        in.readByte();
        passwords.incrementAndGet();
    }

    @Test
    void attempts_at_a_dripping_server_leave_neither_threads_nor_sockets() throws Exception {
        try (TalkingServer dripping = new TalkingServer(DeadlineTest::drip)) {
            ExecutorService threads = Executors.newFixedThreadPool(15);
            LibpqDataSource source = Sources.of("host=127.0.0.1 user=me connect_timeout=8 port=" + dripping.port());
            List<Future<Throwable>> attempts = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                attempts.add(threads.submit(() -> catchThrowable(source::getConnection)));
            }
            for (Future<Throwable> attempt : attempts) {
                assertThat(attempt.get()).hasMessageEndingWith("timeout expired");
            }
            threads.shutdown();
            assertEverythingEnds(dripping, 15);
        }
    }

    @Tag("long")
    @Test
    void a_server_that_drips_its_answer_about_what_it_is_is_left_too() throws Exception {
        try (TalkingServer dripping = new TalkingServer((in, out) -> {
            TalkingServer.startup(in, out);
            TalkingServer.begin(out);
            out.write(TalkingServer.message('Z', new byte[] {'I'}));
            in.readByte();
            drop(out);
        })) {
            LibpqDataSource source = Sources.of("host=127.0.0.1 user=me connect_timeout=5 target_session_attrs=primary"
                    + " port=" + dripping.port());
            assertThat(catchThrowable(source::getConnection)).hasMessageEndingWith("timeout expired");
            assertEverythingEnds(dripping, 1);
        }
    }

    private static void drip(DataInputStream in, DataOutputStream out) throws IOException, InterruptedException {
        TalkingServer.startup(in, out);
        drop(out);
    }

    /** A long error, a byte now and then. */
    private static void drop(DataOutputStream out) throws IOException, InterruptedException {
        out.write(TalkingServer.message('E', new byte[0], 20_000));
        while (true) {
            out.write('S');
            TimeUnit.MILLISECONDS.sleep(50); // the server's pace
        }
    }

    /** After so many visits, of which a cold JVM on a busy machine needs its time for the first. */
    private static void assertEverythingEnds(TalkingServer server, int visits) {
        await().atMost(SOON).until(() -> server.visits() >= visits);
        await().atMost(SOON).until(() -> server.staying() == 0);
        await().atMost(SOON).until(() -> connecting().isEmpty());
        assertThat(server.visits()).isEqualTo(visits);
    }

    private static List<String> connecting() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name ->
                        name.startsWith("PostgreSQL JDBC driver connection") || name.startsWith("pgmanaged-connect"))
                .toList();
    }

    /** A hosts file that nobody writes: each lookup hangs. A JVM can be given one only when it starts. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void a_name_server_that_hangs_is_bounded_too() throws Exception {
        Path hosts = directory.resolve("hosts");
        assertThat(new ProcessBuilder("mkfifo", hosts.toString()).start().waitFor())
                .isZero();
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djdk.net.hosts.file=" + hosts,
                        "-cp",
                        System.getProperty("java.class.path"),
                        DeadlineTest.class.getName())
                .redirectErrorStream(true)
                .start();
        java.getOutputStream().close();
        String said = new String(java.getInputStream().readAllBytes(), UTF_8);
        assertThat(java.waitFor()).as(said).isZero();
        String name = "could not translate host name \"nowhere\" to address: timeout expired";
        assertThat(said.strip().lines())
                .containsExactly(
                        "connect_timeout: " + name,
                        "two hosts: " + name,
                        "two hosts: " + name,
                        "login timeout: " + name,
                        "threads: 1");
    }

    /** Tries it in another JVM. */
    public static void main(String[] args) {
        say("connect_timeout", Sources.of("host=nowhere user=me connect_timeout=1"));
        say("two hosts", Sources.of("host=nowhere,nowhere user=me connect_timeout=1"));
        LibpqDataSource bounded = Sources.of("host=nowhere user=me");
        bounded.setLoginTimeout(1);
        say("login timeout", bounded);
        try {
            await().atMost(SOON).until(() -> threads() == 1); // those of the openings end when they hear of it
        } finally {
            System.out.println("threads: " + threads());
        }
        System.exit(0);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pgmanaged-"))
                .count();
    }

    private static void say(String what, LibpqDataSource source) {
        catchThrowable(source::getConnection)
                .getMessage()
                .lines()
                .forEach(line -> System.out.println(what + ": " + line));
    }
}
