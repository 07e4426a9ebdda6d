package io.github.pgmanaged.faults.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every fault at every phase: nobody hangs, nothing is lost, and the next one gets in. The table of what was told and
 * how long it took is written to {@code target/faults.md}, or with {@code -Dpgmanaged.write.docs=true} to the project's
 * {@code docs}.
 */
@Timeout(120)
class FaultsTest {
    private static World world;
    private static final TablePage PAGE = new TablePage();

    @BeforeAll
    static void aServer() throws Exception {
        world = new World();
    }

    @AfterAll
    static void noServer() throws Exception {
        world.close();
        PAGE.write();
    }

    static Stream<Arguments> cells() {
        return Arrays.stream(Fault.values())
                .filter(Fault::isPossible)
                .flatMap(fault -> Arrays.stream(Phase.values()).map(phase -> Arguments.of(fault, phase)));
    }

    @ParameterizedTest(name = "{0} · {1}")
    @MethodSource("cells")
    void nobody_hangs_and_nothing_is_lost_and_the_next_one_gets_in(Fault fault, Phase phase) throws Exception {
        try (Cell cell = new Cell(world, fault, phase)) {
            String told = cell.live();
            assertThat(told).matches(fault.told(phase));
            if (!fault.disturbs(phase)) {
                cell.checkUndisturbed();
            }
            cell.recover();
            PAGE.add(fault, phase, told, cell.longest());
        }
    }
}
