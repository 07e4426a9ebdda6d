package io.github.pgmanaged.peers.scenarios;

import io.github.pgmanaged.peers.Attempt;
import io.github.pgmanaged.peers.Observation;
import io.github.pgmanaged.peers.Outcome;
import io.github.pgmanaged.peers.Scenario;
import io.github.pgmanaged.peers.Stage;
import io.github.pgmanaged.peers.Subject;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who comes first is served first. */
public final class WaitersInOrder extends Scenario {
    private static final List<Integer> IN_ORDER = List.of(0, 1, 2, 3, 4);

    /** A new one. */
    public WaitersInOrder() {
        super(
                Subject.HOLDERS,
                "waiters are served in order",
                "Five threads start to wait one after the other, and the holder releases; ten times.");
    }

    @Override
    public Observation observe(Stage stage) throws Exception {
        for (int round = 0; round < 10; round++) {
            Connection connection = stage.borrow();
            List<Integer> served = Collections.synchronizedList(new ArrayList<>());
            List<Attempt<@Nullable Void>> waiters = new ArrayList<>();
            for (int i = 0; i < IN_ORDER.size(); i++) {
                int number = i;
                Attempt<@Nullable Void> waiter = Attempt.begin("waiter " + number, () -> {
                    Connection borrowed = stage.borrow();
                    served.add(number);
                    Stage.close(borrowed);
                    return null;
                });
                waiter.awaitWaiting();
                waiters.add(waiter);
            }
            if (!served.isEmpty()) {
                return Outcome.SHARED.because("no thread had to wait");
            }
            Stage.close(connection);
            for (Attempt<@Nullable Void> waiter : waiters) {
                waiter.endsWithin(Stage.LIMIT);
            }
            if (!served.equals(IN_ORDER)) {
                return Outcome.OUT_OF_ORDER.because("not in order of arrival");
            }
        }
        return Outcome.IN_ORDER.because("ten times in order of arrival");
    }
}
