package io.github.pgmanaged.foreign;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.Action;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.internal.fence.ErrorStanding;
import io.github.pgmanaged.internal.time.Throwables;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/** The same exception object again and again, and exceptions whose causes have no end. */
@Timeout(120)
class ForeignRepeatsTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final int TIMES = 300;
    private static final int MOST_FRAMES = 300;
    private static final int MOST_THROWABLES = 100;

    // --- the same object ----------------------------------------------------------------------------------------

    private static Stream<Throwable> sameObjects() {
        return Stream.of(
                new PSQLException("the same", PSQLState.CONNECTION_UNABLE_TO_CONNECT),
                new SQLException("the same", "08001", new IllegalStateException("the cause")),
                new Error("the same"));
    }

    @ParameterizedTest
    @MethodSource("sameObjects")
    void the_same_exception_of_a_source_does_not_grow(Throwable same) throws SQLException {
        AtomicBoolean broken = new AtomicBoolean(true);
        ManagedConnection manager = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    if (broken.get()) {
                        throw Trap.sneaky(same);
                    }
                    return DB.source().getConnection();
                }))
                .build());
        doesNotGrow(
                same,
                () -> manager.tryAcquire().orElseThrow().close(),
                () -> manager.acquire().close());
        broken.set(false);
        manager.acquire().close();
        manager.reset();
        broken.set(true);
        doesNotGrow(
                same,
                () -> manager.tryAcquire().orElseThrow().close(),
                () -> manager.acquire(Duration.ZERO).close(),
                () -> manager.acquire(Duration.ofMillis(1)).close());
    }

    @ParameterizedTest
    @MethodSource("sameObjects")
    void the_same_exception_of_a_hook_does_not_grow(Throwable same) {
        ManagedConnection manager = DB.closing(DB.builder()
                .onOpen(lease -> {
                    throw Trap.sneaky(same);
                })
                .build());
        doesNotGrow(
                same,
                () -> manager.tryAcquire().orElseThrow().close(),
                () -> manager.acquire().close());
    }

    @ParameterizedTest
    @MethodSource("sameObjects")
    void the_same_exception_of_work_does_not_grow_though_its_release_fails_each_time(Throwable same) {
        ManagedConnection manager = DB.manager();
        doesNotGrow(
                same,
                () -> manager.useConnection(lease -> {
                    insert(lease, "a");
                    assertThat(state(() -> execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())")))
                            .isEqualTo("57P01");
                    throw Trap.sneaky(same);
                }),
                () -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    throw Trap.sneaky(same);
                }));
        assertThat(same.getSuppressed()).as("our own trouble").isNotEmpty();
    }

    private interface Call {
        void run() throws Throwable;
    }

    private static void doesNotGrow(Throwable same, Call... calls) {
        Throwable thrown = same;
        for (int i = 0; i < TIMES; i++) {
            Call call = calls[i * calls.length / TIMES]; // one after the other
            thrown = catchThrowable(call::run);
        }
        for (Throwable last : new Throwable[] {same, thrown}) {
            Set<Throwable> all = reachable(last);
            assertThat(all).hasSizeLessThan(MOST_THROWABLES);
            assertThat(all).allSatisfy(each -> assertThat(each.getStackTrace()).hasSizeLessThan(MOST_FRAMES));
        }
    }

    private static Set<Throwable> reachable(Throwable from) {
        Set<Throwable> all = Collections.newSetFromMap(new IdentityHashMap<>());
        add(from, all);
        return all;
    }

    private static void add(Throwable next, Set<Throwable> all) {
        if (next == null || !all.add(next)) {
            return;
        }
        add(next.getCause(), all);
        for (Throwable suppressed : next.getSuppressed()) {
            add(suppressed, all);
        }
        if (next instanceof SQLException sql) {
            add(sql.getNextException(), all);
        }
    }

    // --- without an end -----------------------------------------------------------------------------------------

    private static Stream<Throwable> endless() {
        Throwable longOne = new IllegalStateException("the first");
        SQLException longNext = new SQLException("the first", "08006");
        SQLException end = longNext;
        for (int i = 0; i < 3000; i++) {
            longOne = new IllegalStateException("link", longOne);
            SQLException next = new SQLException("next", "08006");
            end.setNextException(next);
            end = next;
        }
        SQLException circle = new SQLException("next in a circle", "08006") {
            @Override
            public SQLException getNextException() {
                return this;
            }
        };
        Throwable one = new IllegalStateException("one");
        Throwable two = new IllegalStateException("two", one);
        one.initCause(two);
        Throwable suppressed = new IllegalStateException("suppressed");
        Throwable onto = new IllegalStateException("onto");
        onto.addSuppressed(suppressed);
        suppressed.addSuppressed(onto);
        return Stream.of(new SelfCaused(), new SelfCausedSql(), new EverDeeper(), one, onto, longOne, longNext, circle);
    }

    private static final class SelfCaused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return this;
        }
    }

    private static final class SelfCausedSql extends SQLException {
        private static final long serialVersionUID = 1L;

        SelfCausedSql() {
            super("foreign", "08006");
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return this;
        }
    }

    private static final class EverDeeper extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return new EverDeeper();
        }
    }

    @Test
    void an_exception_without_an_end_does_not_hold_up_who_throws_it() throws Exception {
        List<CompletableFuture<Void>> plays = new ArrayList<>();
        try (LogCapture log = new LogCapture()) { // so that every line is made, with its exception
            endless().forEach(endless -> {
                plays.add(Elsewhere.run(() -> thrownByWork(endless)));
                plays.add(Elsewhere.run(() -> thrownBySource(endless)));
            });
            for (CompletableFuture<Void> play : plays) {
                play.get();
            }
        }
    }

    @Test
    void causes_are_read_each_once_and_not_for_ever() {
        endless()
                .forEach(endless -> assertThat(Throwables.chain(endless).size()).isBetween(1, 50));
    }

    @ParameterizedTest
    @EnumSource(names = "THROWS.*", mode = EnumSource.Mode.MATCH_ANY)
    void an_exception_whose_methods_throw_is_read_as_far_as_it_can_be(Misbehaviour misbehaviour) {
        ForeignExceptions.all().forEach(kind -> {
            Throwable thrown = kind.make(new Trap(misbehaviour));
            assertThat(Throwables.chain(thrown)).hasSize(1);
            assertThat(Throwables.text(thrown)).contains(thrown.getClass().getName());
            assertThat(Throwables.message(thrown)).isNotEmpty();
            if (thrown instanceof SQLException sql) {
                assertThat(Throwables.sqlState(sql)).isIn("08006", "23505", null);
                assertThat(ErrorStanding.of(sql)).isNotEqualTo(ErrorStanding.NONE);
            }
        });
    }

    private static void thrownByWork(Throwable thrown) throws Exception {
        new Scene(DB, Misbehaviour.LOOKS).throwing(thrown).play();
    }

    private static void thrownBySource(Throwable thrown) throws Exception {
        Scene scene = new Scene(DB, Misbehaviour.LOOKS);
        scene.connecting(opening -> () -> {
                    if (scene.trap.isArmed()) {
                        throw Trap.sneaky(thrown);
                    }
                    return opening.open();
                })
                .play();
    }

    @Test
    void an_action_that_is_null_is_refused_before_there_is_a_lease() throws SQLException {
        ManagedConnection manager = DB.manager();
        assertThat(catchThrowable(() -> manager.useConnection((Action<SQLException>) null)))
                .isInstanceOf(NullPointerException.class);
        assertThat(catchThrowable(() -> manager.withConnection(null))).isInstanceOf(NullPointerException.class);
        manager.acquire().close();
    }
}
