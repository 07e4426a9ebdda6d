package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault at every phase, with and without TLS: nobody hangs, nothing is lost, and the next one gets in. Both are
 * played at the same time, on a server each. The table of what was told and how long it took is written to
 * {@code target/faults.md}, or with {@code -Dpgmanaged.write.docs=true} to the project's {@code docs}. {@code make
 * test} plays a part of it, {@code make long} the rest, {@code mvn -Dtest=FaultsTest} all.
 */
@Timeout(120)
class FaultsTest {
    private static final Map<Transport, World> WORLDS = new EnumMap<>(Transport.class);
    private static final TablePage PAGE = new TablePage();

    @BeforeAll
    static void aServerEach() throws Exception {
        for (Transport transport : Transport.values()) {
            WORLDS.put(transport, new World(transport));
        }
    }

    @AfterAll
    static void noServer() throws Exception {
        for (World world : WORLDS.values()) {
            world.close();
        }
        PAGE.write();
    }

    /** Some of each row, and some of each column. */
    private static boolean isPicked(Fault fault, Phase phase) {
        return (fault.ordinal() + phase.ordinal()) % 6 == 0;
    }

    private static Stream<Arguments> cells(BiPredicate<Fault, Phase> wanted) {
        return Arrays.stream(Fault.values())
                .filter(Fault::isPossible)
                .flatMap(fault -> Arrays.stream(Phase.values())
                        .filter(phase -> phase.exists(fault, Transport.TLS) && wanted.test(fault, phase))
                        .map(phase -> Arguments.of(fault, phase)));
    }

    static Stream<Arguments> pickedCells() {
        return cells(FaultsTest::isPicked);
    }

    static Stream<Arguments> allOtherCells() {
        return cells((fault, phase) -> !isPicked(fault, phase));
    }

    @ParameterizedTest(name = "{0} · {1}")
    @MethodSource("pickedCells")
    void nobody_hangs_and_nothing_is_lost_and_the_next_one_gets_in(Fault fault, Phase phase) {
        play(fault, phase);
    }

    @Tag("long")
    @ParameterizedTest(name = "{0} · {1}")
    @MethodSource("allOtherCells")
    void nobody_hangs_and_nothing_is_lost_and_the_next_one_gets_in_at_any_other_phase(Fault fault, Phase phase) {
        play(fault, phase);
    }

    private static void play(Fault fault, Phase phase) {
        Map<Transport, Came> came = onEach(transport -> phase.exists(fault, transport), world -> {
            try (Cell cell = new Cell(world, fault, phase)) {
                String told = cell.live();
                assertThat(told).matches(fault.told(phase));
                if (!fault.disturbs(phase)) {
                    cell.checkUndisturbed();
                }
                cell.recover();
                return new Came(told, cell.longest());
            }
        });
        PAGE.add(fault, phase, came);
    }

    @ParameterizedTest
    @EnumSource
    void no_bound_is_longer_over_tls(Bound bound) {
        Map<Transport, Duration> took = onEach(transport -> true, world -> {
            try (Bound.Stage stage = new Bound.Stage(world)) {
                Duration time = bound.play(stage);
                assertThat(time)
                        .isBetween(bound.time().dividedBy(2), bound.time().plus(Limits.SLACK));
                return time;
            }
        });
        PAGE.add(bound, took);
    }

    private interface Playing<T> {
        T on(World world) throws Exception;
    }

    /** Plays it on the worlds at the same time. */
    private static <T> Map<Transport, T> onEach(Predicate<Transport> wanted, Playing<T> playing) {
        Map<Transport, Future<T>> futures = new EnumMap<>(Transport.class);
        WORLDS.forEach((transport, world) -> {
            if (wanted.test(transport)) {
                futures.put(transport, Elsewhere.call(() -> playing.on(world)));
            }
        });
        Map<Transport, T> came = new EnumMap<>(Transport.class);
        assertAll(futures.entrySet().stream().map(future -> () -> {
            try {
                came.put(future.getKey(), future.getValue().get());
            } catch (ExecutionException e) {
                throw new AssertionError(future.getKey() + ": " + e.getCause().getMessage(), e.getCause());
            }
        }));
        return came;
    }
}
