package io.github.pgmanaged.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.faults.programs.Home;
import io.github.pgmanaged.faults.programs.PostgresServer;
import io.github.pgmanaged.faults.proxy.Message;
import io.github.pgmanaged.faults.proxy.Moment;
import io.github.pgmanaged.faults.proxy.Trouble;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The server commits, and the line fails before its answer gets through. */
class LostAnswerTest {
    private static final Duration BOUND = Duration.ofSeconds(15);
    private static Home home;
    private static PostgresServer server;
    private static long cells;

    @BeforeAll
    static void startAServer() throws Exception {
        home = Home.make();
        server = PostgresServer.embedded(home, "server");
        Cell.prepare(server);
    }

    @AfterAll
    static void stopIt() throws Exception {
        home.close();
    }

    @ParameterizedTest
    @CsvSource({
        "CUT,        false, CommitOutcomeUnknown 08007",
        "RESET,      false, CommitOutcomeUnknown 08007",
        "STALL,      false, CommitOutcomeUnknown 08007",
        "HALF_CLOSE, false, CommitOutcomeUnknown 08007",
        "DELAY,      false, done",
        "DRIP,       false, done",
        "CUT,        true,  done",
        "RESET,      true,  done",
        "STALL,      true,  done",
        "HALF_CLOSE, true,  done",
        "DELAY,      true,  done",
        "DRIP,       true,  done",
    })
    void a_commit_is_told_as_unknown_or_if_it_is_verified_as_what_it_is(
            Trouble fault, boolean verified, String expected) throws Exception {
        try (Cell cell = new Cell(server, ++cells, verified)) {
            cell.acquire().close();
            cell.proxy().strikeAt(Moment.after(Message.running("COMMIT")), fault);
            String told = cell.act(cell::transaction, BOUND);
            cell.proxy().heal();
            assertThat(told).isEqualTo(expected);
            assertThat(server.ask("SELECT count(*) FROM books"))
                    .as("it was committed")
                    .isEqualTo("1");
            cell.nextOneGetsIn();
            cell.balance();
        }
    }
}
