package io.github.pgmanaged.foreign;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

/**
 * Each foreign object that the library touches, and each way in which it may misbehave: none costs the turn, a session
 * or more time than the options give.
 */
@Timeout(180)
class ForeignCodeTest {
    /** The rows whose names contain this; all by default. */
    private static final String ONLY = System.getProperty("pgmanaged.foreign", "");

    /**
     * Scenes that are played at once; most of them wait. Each may have two sessions, since the backend of one that was
     * cut takes its time to end, and a server has a hundred connections by default.
     */
    private static final int AT_ONCE = 40;

    private static final List<String> IN_A_CALL =
            List.of("getAutoCommit", "setAutoCommit", "isClosed", "createStatement", "commit", "rollback", "getSchema");

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** Sets a foreign object with a trap in it. */
    private interface Row {
        void arrange(Scene scene) throws SQLException;
    }

    /** Each misbehaviour in some rows, and each row with some. */
    private static boolean isPicked(Misbehaviour misbehaviour, int row) {
        return (misbehaviour.ordinal() + row) % 5 == 0;
    }

    @ParameterizedTest
    @EnumSource
    void whatever_foreign_code_does_every_call_of_ours_ends_and_the_next_lease_is_clean(Misbehaviour misbehaviour)
            throws Exception {
        playRows(misbehaviour, row -> isPicked(misbehaviour, row));
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource
    void wherever_else_it_does_so_every_call_of_ours_ends_and_the_next_lease_is_clean(Misbehaviour misbehaviour)
            throws Exception {
        playRows(misbehaviour, row -> !isPicked(misbehaviour, row));
    }

    private static void playRows(Misbehaviour misbehaviour, IntPredicate wanted) throws Exception {
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        ExecutorService stage = Executors.newFixedThreadPool(AT_ONCE);
        try (LogCapture log = new LogCapture()) { // so that every line is made, with its exception
            List<Future<?>> plays = new ArrayList<>();
            int number = 0;
            for (Map.Entry<String, Row> row : rows().entrySet()) {
                if (wanted.test(number++)) {
                    plays.add(stage.submit(() -> play(row.getKey(), row.getValue(), misbehaviour, failures)));
                }
            }
            for (Future<?> play : plays) {
                play.get();
            }
        } finally {
            stage.shutdown();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void a_lease_whose_call_is_stuck_in_what_was_thrown_can_be_released_by_another_thread() throws Exception {
        Trap trap = new Trap(Misbehaviour.BLOCKS);
        Throwable thrown = ForeignExceptions.all()
                .filter(kind -> kind.toString().equals("SQLException.getSQLState"))
                .findAny()
                .orElseThrow()
                .make(trap);
        UnaryOperator<Connection> wrapper = throwing("createStatement", trap, thrown);
        ManagedConnection manager = DB.closing(ManagedConnection.builder(
                        DataSources.of(() -> wrapper.apply(DB.source().getConnection())))
                .releaseTimeout(Duration.ofSeconds(1))
                .build());
        trap.setManager(manager);
        Lease lease = manager.acquire();
        CompletableFuture<Void> stuck = Elsewhere.run(lease::createStatement);
        try {
            Awaitility.await().until(trap::hasSprung);
            CompletableFuture<String> closing = Elsewhere.call(() -> ManagedDatabase.state(lease::close));
            assertThat(closing.get(15, TimeUnit.SECONDS)).as("a lost session").isEqualTo("08006");
        } finally {
            trap.release();
        }
        assertThat(stuck.handle((done, t) -> t != null).get()).isTrue();
    }

    private static void play(String name, Row row, Misbehaviour misbehaviour, List<String> failures) {
        if (!name.contains(ONLY)) {
            return;
        }
        try {
            Scene scene = new Scene(DB, misbehaviour);
            row.arrange(scene);
            scene.play();
        } catch (Throwable t) {
            failures.add(name + ": " + described(t));
        }
    }

    private static String described(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            text.append(t).append('\n');
            for (int i = 0; i < Math.min(6, t.getStackTrace().length); i++) {
                text.append("\t\t\tat ").append(t.getStackTrace()[i]).append('\n');
            }
        }
        return text.toString();
    }

    // --- the rows -----------------------------------------------------------------------------------------------

    private static Map<String, Row> rows() {
        Map<String, Row> rows = new LinkedHashMap<>();
        exceptions(rows::put);
        sources(rows::put);
        wrappers(rows::put);
        others(rows::put);
        return rows;
    }

    private static void exceptions(BiConsumer<String, Row> rows) {
        ForeignExceptions.all().forEach(kind -> {
            rows.accept(kind + ", thrown by work", scene -> scene.throwing(kind.make(scene.trap)));
            rows.accept(kind + ", thrown by a source", scene -> {
                Throwable thrown = kind.make(scene.trap);
                scene.connecting(opening -> () -> thrownWhileArmed(scene.trap, thrown, opening));
            });
            rows.accept(kind + ", thrown by a hook", scene -> {
                Throwable thrown = kind.make(scene.trap);
                scene.hook(lease -> thrownWhileArmed(scene.trap, thrown, () -> lease));
            });
            rows.accept(kind + ", thrown by a call on a wrapper", scene -> {
                Throwable thrown = kind.make(scene.trap);
                scene.inACall().wrapping(throwing("createStatement", scene.trap, thrown));
            });
            rows.accept(kind + ", thrown by a wrapper's close", scene -> {
                Throwable thrown = kind.make(scene.trap);
                scene.wrapping(throwing("close", scene.trap, thrown));
            });
        });
    }

    private static Connection thrownWhileArmed(Trap trap, Throwable thrown, DataSources.Opening otherwise)
            throws SQLException {
        if (trap.isArmed()) {
            throw Trap.sneaky(thrown);
        }
        return otherwise.open();
    }

    private static UnaryOperator<Connection> throwing(String wanted, Trap trap, Throwable thrown) {
        return raw -> DataSources.with(raw, (method, go) -> {
            if (method.equals(wanted) && trap.isArmed()) {
                throw Trap.sneaky(thrown);
            }
            return go.call();
        });
    }

    private static void sources(BiConsumer<String, Row> rows) {
        rows.accept(
                "a source's getConnection",
                scene -> scene.connecting(opening -> () -> scene.trap.spring() ? null : opening.open()));
        rows.accept(
                "a source's getConnection, when it has connected",
                scene -> scene.connecting(opening -> () -> {
                    Connection connection = opening.open();
                    try {
                        if (!scene.trap.spring()) {
                            return connection;
                        }
                    } catch (Throwable t) {
                        connection.close();
                        throw t;
                    }
                    connection.close();
                    return null;
                }));
        for (String method : List.of("toString", "hashCode", "equals", "unwrap", "isWrapperFor", "getLoginTimeout")) {
            rows.accept(
                    "a source's " + method,
                    scene -> scene.wrappingTheSource(source -> proxy(DataSource.class, source, method, scene.trap)));
        }
    }

    private static void wrappers(BiConsumer<String, Row> rows) {
        for (boolean pgjdbc : new boolean[] {false, true}) {
            String whose = pgjdbc ? "a wrapper of pgjdbc's connection: " : "a wrapper: ";
            for (String method :
                    List.of("close", "abort", "isWrapperFor", "unwrap", "toString", "hashCode", "equals", "isValid")) {
                rows.accept(whose + method, scene -> wrapped(scene, pgjdbc, method));
            }
            for (String method : IN_A_CALL) {
                rows.accept(
                        whose + method,
                        scene -> wrapped(scene, pgjdbc, method).inACall().working(lease -> {
                            lease.setAutoCommit(false);
                            lease.getAutoCommit();
                            lease.isClosed();
                            lease.getSchema();
                            lease.rollback();
                            if (method.equals("commit")) { // and nothing else that a wrapper lies about
                                lease.commit();
                            }
                        }));
            }
            rows.accept(whose + "close, and abort, when the hook throws", scene -> {
                scene.hook(lease -> {
                    if (scene.trap.isArmed()) {
                        throw new IllegalStateException("the hook's");
                    }
                });
                wrapped(scene, pgjdbc, "close", "abort");
            });
            rows.accept(whose + "abort, when the hook is a trap, too", scene -> {
                scene.hook(lease -> scene.trap.spring());
                wrapped(scene, pgjdbc, "close", "abort");
            });
            rows.accept(whose + "close of a statement that is left open", scene -> {
                if (pgjdbc) {
                    scene.throughPgjdbc();
                }
                scene.wrapping(raw -> DataSources.with(
                                raw,
                                (method, go) -> method.equals("prepareStatement")
                                        ? proxy(PreparedStatement.class, go.call(), "close", scene.trap)
                                        : go.call()))
                        .working(lease -> lease.prepareStatement("SELECT 1").execute());
            });
        }
    }

    private static Scene wrapped(Scene scene, boolean pgjdbc, String... traps) throws SQLException {
        List<String> methods = List.of(traps);
        if (pgjdbc) {
            scene.throughPgjdbc();
        }
        return scene.wrapping(raw -> DataSources.with(
                raw, (method, go) -> methods.contains(method) && scene.trap.spring() ? null : go.call()));
    }

    private static void others(BiConsumer<String, Row> rows) {
        rows.accept("a hook", scene -> scene.hook(lease -> scene.trap.spring()));
        rows.accept(
                "a hook, in a transaction",
                scene -> scene.hook(lease -> {
                    execute(lease, "BEGIN");
                    scene.trap.spring();
                    execute(lease, "ROLLBACK");
                }));
        rows.accept(
                "an executor that is given to abort",
                scene -> scene.working(lease -> lease.abort(command -> scene.trap.spring())));
        rows.accept(
                "an executor that is given to setNetworkTimeout",
                scene -> scene.working(lease -> lease.setNetworkTimeout(command -> scene.trap.spring(), 10_000)));
        rows.accept("work", scene -> scene.inACall().working(lease -> scene.trap.spring()));
        rows.accept(
                "a stream that is a parameter",
                scene -> scene.inACall().working(lease -> {
                    try (PreparedStatement insert =
                            lease.prepareStatement("INSERT INTO example VALUES ('stream', ?)")) {
                        insert.setCharacterStream(1, new InputStreamReader(stream(scene.trap)), 100_000);
                        insert.execute();
                    }
                }));
        rows.accept(
                "a stream that is copied",
                scene -> scene.inACall().working(lease -> {
                    lease.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY example FROM STDIN", stream(scene.trap));
                }));
    }

    private static InputStream stream(Trap trap) {
        return new InputStream() {
            private int read;

            @Override
            public int read() {
                if (read++ == 70_000) {
                    trap.spring();
                }
                return read < 100_000 ? 'a' : -1;
            }
        };
    }

    private static <T> T proxy(Class<T> type, Object target, String trapped, Trap trap) {
        return type.cast(Proxy.newProxyInstance(
                ForeignCodeTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
                    if (method.getName().equals(trapped) && trap.spring()) {
                        return null;
                    }
                    try {
                        return method.invoke(target, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
