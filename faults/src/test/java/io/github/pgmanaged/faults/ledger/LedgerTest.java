package io.github.pgmanaged.faults.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run; {@code make soak} has the long ones. */
@Tag("long")
@Timeout(300)
class LedgerTest {
    @Test
    void under_faults_whatever_was_said_is_true_and_nobody_hangs() throws Exception {
        Run run = new Run(Plan.ofThisRun(), Duration.ofSeconds(15), 24, line -> {});
        run.run();

        assertThat(run.findings().anomalies()).as(run.summary()).isEmpty();
        for (Deed deed : Deed.all()) {
            assertThat(run.findings().counted("deed " + deed))
                    .as(deed + ", " + run.summary())
                    .isPositive();
        }
        for (Fault fault : Fault.values()) {
            assertThat(run.findings().counted("fault " + fault) + run.findings().counted("missed " + fault))
                    .as(fault + ", " + run.summary())
                    .isPositive();
        }
        for (Said said : Said.values()) {
            assertThat(run.ledger().count(said)).as(said + ", " + run.summary()).isPositive();
        }
    }
}
