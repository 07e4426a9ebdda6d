package io.github.pgmanaged.faults.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.CommitOutcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The auditor finds every kind of untruth. */
class AuditTest {
    private static final Map<Long, Map<Integer, Integer>> WHOLE = Map.of(7L, Map.of(0, 1, 1, 1));
    private static final Map<Long, Map<Integer, Integer>> NOTHING = Map.of();

    private static List<String> audit(Said said, CommitOutcome verdict, Map<Long, Map<Integer, Integer>> rows) {
        return Audit.untruths(Map.of(7L, new Ledger.Entry(2, said, verdict, "a test")), rows);
    }

    private static List<String> audit(Said said, Map<Long, Map<Integer, Integer>> rows) {
        return audit(said, CommitOutcome.UNKNOWN, rows);
    }

    @Test
    void what_was_said_truly_passes() {
        assertThat(audit(Said.COMMITTED, WHOLE)).isEmpty();
        assertThat(audit(Said.NOT_COMMITTED, NOTHING)).isEmpty();
        assertThat(audit(Said.UNKNOWN, WHOLE)).isEmpty();
        assertThat(audit(Said.UNKNOWN, NOTHING)).isEmpty();
        assertThat(audit(Said.UNKNOWN, CommitOutcome.COMMITTED, WHOLE)).isEmpty();
        assertThat(audit(Said.UNKNOWN, CommitOutcome.ROLLED_BACK, NOTHING)).isEmpty();
        assertThat(audit(Said.UNKNOWN, CommitOutcome.IN_PROGRESS, NOTHING)).isEmpty();
    }

    @Test
    void an_acknowledged_commit_that_is_lost_is_found() {
        assertThat(audit(Said.COMMITTED, NOTHING))
                .singleElement()
                .asString()
                .contains("operation 7 (a test)", "acknowledged, and it is not there");
    }

    @Test
    void a_reported_failure_that_is_there_is_found() {
        assertThat(audit(Said.NOT_COMMITTED, WHOLE))
                .singleElement()
                .asString()
                .contains("reported as not committed, and it is there");
    }

    @Test
    void what_is_there_in_part_or_twice_is_found_whatever_was_said() {
        for (Said said : Said.values()) {
            assertThat(audit(said, Map.of(7L, Map.of(0, 1)))).hasSize(1);
            assertThat(audit(said, Map.of(7L, Map.of(0, 2, 1, 2)))).hasSize(1);
            assertThat(audit(said, Map.of(7L, Map.of(-1, 1, 0, 1, 1, 1)))).hasSize(1);
            assertThat(audit(said, Map.of(7L, Map.of(-1, 1)))).hasSize(1);
        }
    }

    @Test
    void a_server_that_contradicts_its_own_tables_is_found() {
        assertThat(audit(Said.UNKNOWN, CommitOutcome.COMMITTED, NOTHING)).hasSize(1);
        assertThat(audit(Said.UNKNOWN, CommitOutcome.ROLLED_BACK, WHOLE)).hasSize(1);
    }

    @Test
    void what_nobody_has_heard_of_is_found() {
        assertThat(Audit.untruths(Map.of(), WHOLE)).singleElement().asString().contains("nobody has heard of it");
    }
}
