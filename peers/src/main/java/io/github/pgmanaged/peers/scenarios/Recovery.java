package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Said;
import io.github.pgmanaged.peers.Stage;
import org.jspecify.annotations.Nullable;

/** Whether those who come after a fault get a connection that works. */
final class Recovery {
    private static final int BORROWERS = 5;

    private Recovery() {}

    /** Five borrowers come, one after the other, until one of them can work. */
    static Observation of(Stage stage, String before) throws Exception {
        String said = "";
        for (int i = 0; i < BORROWERS; i++) {
            Attempt<Integer> borrower = Attempt.begin("borrower", stage::work);
            if (!borrower.endsWithin(Stage.LIMIT)) {
                return Outcome.BLOCKED.because(before + "a later borrower hung");
            }
            @Nullable Throwable error = borrower.error();
            if (error == null) {
                return i == 0
                        ? Outcome.UNNOTICED.because(before + "the next borrower could work")
                        : Outcome.SOME_FAILED.because(before + "the next borrower got " + said);
            }
            if (i == 0) {
                said = Said.by(error);
            }
        }
        return Outcome.NEVER_AGAIN.because(before + "the next five borrowers failed, the first with " + said);
    }
}
