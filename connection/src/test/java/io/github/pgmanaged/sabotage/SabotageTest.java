package io.github.pgmanaged.sabotage;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Heard;
import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.Stats;
import io.github.pgmanaged.testing.Elsewhere;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * As SQLite is tested out of memory: an Error strikes at the first, the second, the third step of the library's own
 * code, and so on to the last. Whatever step that is, the next lease is given within its bound, nothing uncommitted is
 * there, no session is left on the server, and the counters add up.
 */
@Tag("sabotage")
@Timeout(600)
class SabotageTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** In which the turn has to be there again: a few looks of the first in the queue. */
    private static final Duration BOUND = Duration.ofSeconds(5);

    /** Each nth step is struck; 1 is for all of them. */
    private static final int EACH = Integer.getInteger("pgmanaged.sabotage.each", 127);

    /** How many different Errors strike a step. */
    private static final int ERRORS_EACH = Integer.getInteger("pgmanaged.sabotage.errors", 1);

    private static final String SCENE = System.getProperty("pgmanaged.sabotage.scene", "");

    private static final List<Supplier<Error>> ERRORS = List.of(
            () -> new OutOfMemoryError("unable to create native thread"),
            StackOverflowError::new,
            () -> new ThreadDeathLike());

    private static Runnable undo;

    private static final class ThreadDeathLike extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeAll
    static void instrument() {
        undo = Sabotage.install();
    }

    @AfterAll
    static void restore() {
        Sabotage.disarm();
        undo.run();
    }

    /** What goes on while an Error strikes. */
    enum Scene {
        OPENING {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    commit(lease, facts);
                }
            }
        },
        ACQUIRE_WORK_RELEASE {
            @Override
            void prepare(ManagedConnection manager) throws SQLException {
                manager.acquire().close();
            }

            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    commit(lease, facts);
                }
            }
        },
        TRANSACTION_LEFT_OPEN {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    insert(lease, "never");
                    lease.createStatement().executeQuery("SELECT 1");
                }
            }
        },
        WORK_THAT_THROWS {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                manager.useTransaction(lease -> {
                    insert(lease, "never");
                    throw new IllegalStateException("thrown by the work");
                });
            }
        },
        VERIFIED_TRANSACTION {
            @Override
            ManagedConnection.Builder options(ManagedConnection.Builder builder) {
                return builder.verifyCommits(true);
            }

            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                facts.unsure++;
                manager.useTransaction(lease -> insert(lease, "perhaps"));
            }
        },
        SETTINGS_AND_FULL_RESET {
            @Override
            ManagedConnection.Builder options(ManagedConnection.Builder builder) {
                return builder.sessionReset(SessionReset.FULL);
            }

            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    lease.setSchema("pg_catalog");
                    lease.setReadOnly(true);
                    lease.rollback();
                }
            }
        },
        VALIDATION_AND_HOOK {
            @Override
            ManagedConnection.Builder options(ManagedConnection.Builder builder) {
                return builder.validateAfterIdle(Duration.ZERO).onOpen(lease -> execute(lease, "SET work_mem = '5MB'"));
            }

            @Override
            void prepare(ManagedConnection manager) throws SQLException {
                manager.acquire().close();
            }

            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                manager.reset();
                manager.acquire().close();
                manager.acquire().close();
            }
        },
        CLOSE_ON_RELEASE {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    lease.closeOnRelease();
                    manager.reset();
                }
            }
        },
        ABORT {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    insert(lease, "never");
                    lease.abort(Runnable::run);
                }
            }
        },
        SESSION_LOST {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    insert(lease, "never");
                    execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())");
                } catch (SQLException e) {
                    manager.acquire().close();
                }
            }
        },
        RELEASED_WHILE_A_CALL_IS_UNDER_WAY {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                Lease lease = manager.acquire();
                try (lease) {
                    insert(lease, "never");
                    // On a thread of its own: the common pool may have but one, which the next lease needs.
                    CompletableFuture<Void> call = Elsewhere.run(() -> execute(lease, "SELECT pg_sleep(10)"));
                    Awaitility.await().pollInterval(Duration.ofMillis(2)).until(() -> call.isDone() || isAsleep());
                } catch (Error e) {
                    if (String.valueOf(Sabotage.struck()).endsWith("FencedConnection.close")) {
                        lease.close(); // it has not begun to close, and a call is under way: held, and not lost
                    }
                    throw e;
                }
            }

            private boolean isAsleep() throws SQLException {
                return !DB.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                                + " AND datname = current_database()")
                        .equals("0");
            }
        },
        REVOKED {
            @Override
            ManagedConnection.Builder options(ManagedConnection.Builder builder) {
                return builder.maxLease(Duration.ofMillis(50));
            }

            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    insert(lease, "never");
                    execute(lease, "SELECT pg_sleep(10)");
                }
            }
        },
        TIMEOUT_OF_A_WAITER {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    insert(lease, "never");
                    CompletableFuture.runAsync(() -> {
                                try {
                                    manager.acquire(Duration.ofMillis(20));
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            })
                            .handle((done, thrown) -> done)
                            .join();
                    lease.rollback();
                }
            }
        },
        LISTENING {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                Heard heard = new Heard();
                manager.listen("jobs", heard);
                facts.heard = heard; // it has a subscription
                try (Lease lease = manager.acquire()) {
                    query(lease, "SELECT pg_notify('jobs', '1')");
                    commit(lease, facts);
                }
                manager.reset();
            }

            @Override
            void check(Facts facts) throws SQLException {
                Heard heard = facts.heard;
                // At the first step of a task on the listeners' thread nothing of ours is around it that could notice.
                String struck = String.valueOf(Sabotage.struck());
                boolean isFirstStep = struck.contains("Subscriptions.call") || struck.contains("Subscriptions.lambda$");
                if (heard != null && !isFirstStep) {
                    Awaitility.await("listening goes on").atMost(BOUND).until(() -> {
                        DB.query("SELECT pg_notify('jobs', 'after')");
                        return heard.lines().contains("jobs: after");
                    });
                }
            }
        },
        DRAINED_AND_RESUMED {
            @Override
            void prepare(ManagedConnection manager) throws SQLException {
                manager.acquire().close();
            }

            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try {
                    manager.drain(BOUND);
                    CompletableFuture<Void> waiter =
                            Elsewhere.run(() -> manager.acquire().close());
                    manager.resume();
                    waiter.handle((done, thrown) -> done).join();
                } finally {
                    manager.resume(); // whoever resumes in vain does so once more
                }
            }
        },
        MANAGER_CLOSED {
            @Override
            void play(ManagedConnection manager, Facts facts) throws SQLException {
                try (Lease lease = manager.acquire()) {
                    insert(lease, "never");
                    manager.close();
                }
            }
        };

        ManagedConnection.Builder options(ManagedConnection.Builder builder) {
            return builder;
        }

        void prepare(ManagedConnection manager) throws SQLException {}

        void check(Facts facts) throws SQLException {}

        abstract void play(ManagedConnection manager, Facts facts) throws SQLException;

        static void commit(Lease lease, Facts facts) throws SQLException {
            insert(lease, "a");
            facts.unsure++;
            lease.commit();
            facts.unsure--;
            facts.committed++;
        }
    }

    /** What is known of rows. */
    static final class Facts {
        int committed;
        int unsure;

        /** Of a subscription, if there is one. */
        Heard heard;
    }

    static List<Scene> scenes() {
        return Arrays.stream(Scene.values())
                .filter(scene -> scene.name().startsWith(SCENE))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("scenes")
    void an_error_at_any_step_loses_no_turn_no_session_and_no_row(Scene scene) throws Exception {
        Map<String, Integer> slow = new LinkedHashMap<>();
        int steps = run(scene, 0, ERRORS.get(0), slow);
        assertThat(steps).isPositive();
        List<String> failures = new ArrayList<>();
        int struck = 0;
        long begun = System.nanoTime();
        for (int step = 1; step <= steps; step += EACH) {
            for (int i = 0; i < ERRORS_EACH; i++) {
                int which = (step + i) % ERRORS.size();
                try {
                    run(scene, step, ERRORS.get(which), slow);
                    struck++;
                    if (Boolean.getBoolean("pgmanaged.sabotage.list"))
                        System.out.println("struck " + step + " " + Sabotage.struck());
                } catch (AssertionError | SQLException | ConditionTimeoutException e) {
                    failures.add("step " + step + ", " + Sabotage.struck() + ", "
                            + ERRORS.get(which).get().getClass().getSimpleName() + ": " + e.getMessage());
                    System.out.println(scene + ", " + failures.get(failures.size() - 1));
                }
            }
        }
        System.out.println(scene + ": " + steps + " steps, struck " + struck + " times in "
                + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) + " s; "
                + "given back by the garbage collector alone: " + slow);
        assertThat(failures).isEmpty();
    }

    private int run(Scene scene, int strikeAt, Supplier<Error> error, Map<String, Integer> slow)
            throws SQLException, InterruptedException {
        DB.query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                + " WHERE datname = current_database() AND pid <> pg_backend_pid()"); // what a failure before this left
        DB.update("TRUNCATE example");
        ManagedConnection manager = scene.options(ManagedConnection.builder(DB.conninfo())
                        .acquireTimeout(Duration.ofSeconds(30))
                        .releaseTimeout(Duration.ofSeconds(1)))
                .build();
        try (manager) {
            return run(manager, scene, strikeAt, error, slow);
        }
    }

    private static int run(
            ManagedConnection manager, Scene scene, int strikeAt, Supplier<Error> error, Map<String, Integer> slow)
            throws SQLException, InterruptedException {
        Facts facts = new Facts();
        scene.prepare(manager);
        Sabotage.arm(strikeAt, error);
        try {
            scene.play(manager, facts);
        } catch (Throwable thrown) { // one of them is ours, and may have been wrapped
            assertThat(thrown).isInstanceOfAny(Error.class, SQLException.class, IllegalStateException.class);
        }
        int steps = Sabotage.disarm();
        if (scene != Scene.MANAGER_CLOSED) {
            next(manager, slow);
            facts.committed++;
            scene.check(facts);
        }
        manager.close();
        if (scene == Scene.MANAGER_CLOSED) {
            manager.close();
        }
        Awaitility.await("sessions on the server")
                .atMost(BOUND)
                .pollInterval(Duration.ofMillis(2))
                .until(() -> DB.sessions() == 0);
        Stats stats = manager.stats();
        assertThat(stats.opened()).as("opened, of %s", stats).isEqualTo(stats.closed());
        assertThat(stats.waiting()).isZero();
        assertThat(DB.rows()).isBetween((long) facts.committed, (long) facts.committed + facts.unsure);
        assertThat(DB.query("SELECT count(*) FROM example WHERE key = 'never'")).isEqualTo("0");
        return steps;
    }

    /**
     * The next lease, by another thread; if need be the garbage collector helps, as in a process that does something.
     */
    private static void next(ManagedConnection manager, Map<String, Integer> slow) throws InterruptedException {
        CompletableFuture<String> next = CompletableFuture.supplyAsync(() -> {
            while (true) {
                long revoked = manager.stats().revoked();
                try {
                    return uncommitted(manager);
                } catch (SQLException e) {
                    if (manager.stats().revoked() == revoked) {
                        throw new IllegalStateException(e);
                    } // else rightly so: on a busy machine this lease, too, can take longer than a scene's maxLease
                }
            }
        });
        try {
            assertThat(next.get(1, TimeUnit.SECONDS)).isEqualTo("0");
            return;
        } catch (TimeoutException e) {
            slow.merge(String.valueOf(Sabotage.struck()), 1, Integer::sum);
        } catch (ExecutionException e) {
            throw new AssertionError("the next lease failed: " + e.getCause(), e);
        }
        Awaitility.await("the next lease").atMost(BOUND).until(() -> {
            System.gc();
            return next.isDone();
        });
    }

    private static String uncommitted(ManagedConnection manager) throws SQLException {
        try (Lease lease = manager.acquire()) {
            String uncommitted = query(lease, "SELECT count(*) FROM example WHERE key = 'never'");
            // A lease that was revoked at its COMMIT may have been committed.
            execute(lease, "INSERT INTO example (key) VALUES ('next') ON CONFLICT DO NOTHING");
            lease.commit();
            return uncommitted;
        }
    }
}
