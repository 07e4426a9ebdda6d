package io.github.pgmanaged.faults.ledger;

import java.security.SecureRandom;
import java.time.Duration;

/** A long run. {@code make soak MINUTES=30}; {@code SEED=...} repeats one. */
final class Soak {
    private Soak() {}

    public static void main(String[] arguments) throws Exception {
        Duration time = Duration.ofSeconds((long) (Double.parseDouble(arguments[0]) * 60));
        Long given = Long.getLong("pgmanaged.seed");
        Plan plan = new Plan(given == null ? new SecureRandom().nextInt(1_000_000) : given);
        System.out.println("Soak for " + time.toSeconds() + " s with " + plan);
        Run run = new Run(plan, time, 32, System.out::println);
        run.run();
        System.out.println(run.summary());
        System.exit(run.findings().anomalies().isEmpty() ? 0 : 1);
    }
}
