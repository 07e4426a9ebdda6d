package io.github.pgmanaged.cli;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.Stats;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The course of the demo, and of stress: a bank, a crowd at one connection, a comparison, the proof. */
final class Demo {
    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);
    private static final int NAME_BYTES = 6;

    /** A lease comes late when the crowd is large and the server far; that is not what the demo is about. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Settings settings;
    private final DemoServer server;
    private final Progress progress;
    private final @Nullable LeaseRecording recording;
    private final Ledger ledger = new Ledger();
    private final Conduct conduct = new Conduct();

    /** How many sessions there had been when one was killed. */
    private long openedBeforeKill;

    /**
     * What the command line says.
     *
     * @param name of the command, and the beginning of its schema's
     * @param badCitizens threads that misbehave now and then
     * @param compareTime zero for no comparison
     */
    record Settings(String name, int threads, int badCitizens, Duration time, Duration compareTime, long seed) {}

    /** What the misbehaving crowd has done. */
    record CrowdedRun(Duration elapsed, Stats stats, Histogram waits) {}

    /**
     * Nothing is done yet.
     *
     * @param recording is stopped when the crowd has gone, so that it does not take part in the comparison; or null
     */
    Demo(Settings settings, DemoServer server, Progress progress, @Nullable LeaseRecording recording) {
        this.settings = settings;
        this.server = server;
        this.progress = progress;
        this.recording = recording;
    }

    /** Runs everything; the server is left as it was, also if the JVM is told to end meanwhile. */
    Report run() throws SQLException, InterruptedException {
        byte[] unique = new byte[NAME_BYTES];
        new SecureRandom().nextBytes(unique);
        String name = "pgmanaged_" + settings.name() + "_" + HexFormat.of().formatHex(unique);
        DataSource plain = server.plain();
        Bank bank = new Bank(plain, name);
        ManagedConnection manager = ManagedConnection.builder(server.conninfo())
                .acquireTimeout(PATIENCE)
                .onOpen(connection -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("SET application_name = '" + name + "'");
                    }
                })
                .build();
        Crowd crowd = new Crowd(settings.threads());
        Thread cleanUp = new Thread(() -> cleanUp(crowd, manager, bank), "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        try (bank;
                manager;
                crowd) {
            bank.found();
            try (Witness witness = new Witness(plain, name)) {
                return run(bank, manager, crowd, witness, plain);
            }
        } finally {
            forget(cleanUp);
        }
    }

    private Report run(Bank bank, ManagedConnection manager, Crowd crowd, Witness witness, DataSource plain)
            throws SQLException, InterruptedException {
        CrowdedRun crowdedRun = crowdedRun(bank, manager, crowd, witness);
        Comparison comparison = settings.compareTime().isZero() ? null : compare(bank, manager, crowd, witness, plain);
        int openTransactions = witness.openTransactions();
        long opened = manager.stats().opened();
        manager.close();
        Proof proof = Proof.of(
                ledger,
                bank.books(),
                conduct,
                new Proof.Sessions(
                        opened,
                        witness.killed(),
                        witness.interruptions(),
                        openTransactions,
                        witness.remainingBackends()));
        return new Report(
                settings,
                witness.serverVersion() + (server.isEmbedded() ? ", embedded" : "") + ", " + server,
                witness.durability(),
                crowdedRun,
                opened,
                witness.backends(),
                witness.mostAtOnce(),
                witness.killed(),
                ledger,
                conduct,
                comparison,
                proof);
    }

    private CrowdedRun crowdedRun(Bank bank, ManagedConnection manager, Crowd crowd, Witness witness)
            throws SQLException, InterruptedException {
        Duration half = settings.time().dividedBy(2);
        try (Progress.Task task = progress.begin("One connection, many threads", settings.time())) {
            Duration elapsed =
                    crowd.work(settings.time(), number -> citizen(bank, manager, number)::takeTurn, sinceStart -> {
                        task.advance(sinceStart);
                        witness.look();
                        if (witness.killed() == 0 && sinceStart.compareTo(half) >= 0) {
                            openedBeforeKill = manager.stats().opened();
                            witness.kill();
                        }
                        return witness.killed() > 0 && manager.stats().opened() > openedBeforeKill;
                    });
            if (recording != null) {
                recording.stop();
            }
            return new CrowdedRun(elapsed, manager.stats(), conduct.waits());
        }
    }

    private Comparison compare(Bank bank, ManagedConnection manager, Crowd crowd, Witness witness, DataSource plain)
            throws SQLException, InterruptedException {
        Comparison comparison = new Comparison(bank, ledger, plain, settings.threads(), witness.freeConnections());
        Duration both = settings.compareTime().plus(Comparison.ROUND).multipliedBy(2);
        long start = System.nanoTime();
        try (Progress.Task task = progress.begin("Two ways, to compare", both)) {
            comparison.run(
                    settings.compareTime(),
                    crowd,
                    number -> citizen(bank, manager, number),
                    this::random,
                    sinceRoundBegan -> {
                        task.advance(Duration.ofNanos(System.nanoTime() - start));
                        witness.look();
                        return true;
                    });
        }
        return comparison;
    }

    private Citizen citizen(Bank bank, ManagedConnection manager, int number) {
        return new Citizen(manager, bank, ledger, conduct, random(number), number < settings.badCitizens());
    }

    private RandomGenerator random(int number) {
        return new SplittableRandom(settings.seed() + number);
    }

    /** The JVM ends. An embedded server has a hook of its own and may be gone already. */
    private void cleanUp(Crowd crowd, ManagedConnection manager, Bank bank) {
        crowd.disperse();
        manager.close(); // who waits for a server that is away waits no longer
        crowd.close();
        try {
            bank.close();
        } catch (SQLException e) {
            if (server.isEmbedded()) {
                LOG.debug("The schema was not dropped", e);
            } else {
                LOG.error("{}", e.getMessage());
            }
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            LOG.debug("The JVM is ending, and the hook is running", e);
        }
    }
}
