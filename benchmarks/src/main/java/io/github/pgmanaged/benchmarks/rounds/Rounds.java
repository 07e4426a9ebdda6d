package io.github.pgmanaged.benchmarks.rounds;

import io.github.pgmanaged.benchmarks.contenders.BenchServer;
import io.github.pgmanaged.benchmarks.contenders.Contender;
import io.github.pgmanaged.benchmarks.contenders.Contenders;
import io.github.pgmanaged.benchmarks.contenders.Place;
import io.github.pgmanaged.benchmarks.results.Entrant;
import io.github.pgmanaged.benchmarks.results.Measured;
import io.github.pgmanaged.benchmarks.results.Sample;
import io.github.pgmanaged.benchmarks.results.Series;
import io.github.pgmanaged.benchmarks.results.Series.Scenario;
import io.github.pgmanaged.benchmarks.results.Series.Transport;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Plays series: each contender once in each round, in an order that differs from round to round, so that whatever else
 * the machine does meets all of them alike. For one thread.
 */
public final class Rounds {
    /** All code of all contenders is compiled before the first round that counts. */
    private static final int WARM_UP_MILLIS = 1_000;

    private static final int WARM_UP_THREADS = 8;

    private final BenchServer server;
    private final ServerProcesses processes;
    private final Consumer<String> reader;

    /**
     * On a server.
     *
     * @param server the server
     * @param reader is told how far it is
     */
    public Rounds(BenchServer server, Consumer<String> reader) throws SQLException {
        this.server = server;
        this.processes = ServerProcesses.of(server);
        this.reader = reader;
    }

    /**
     * Lets each run for a while, and counts its round trips.
     *
     * @param names the contenders
     * @return who they are
     */
    public List<Entrant> warmUp(List<String> names) throws Exception {
        List<Entrant> entrants = new ArrayList<>();
        for (String name : names) {
            reader.accept("warming up " + name);
            Contender contender = Contenders.named(name);
            for (Transport transport : Transport.values()) {
                int threads = name.equals(Contenders.RAW) ? 1 : WARM_UP_THREADS;
                Series series =
                        new Series(Scenario.PLAIN, transport, threads, false, 1, 1, WARM_UP_MILLIS, List.of(name));
                new Round(series, place(transport), processes).play(contender, 0, 0);
            }
            entrants.add(new Entrant(
                    name,
                    contender.version(),
                    contender.configuration(),
                    RoundTrips.perLease(contender, server.tcp())));
        }
        return entrants;
    }

    /**
     * Plays a series.
     *
     * @param series what to play
     * @return what each contender reached
     */
    public List<Measured> play(Series series) throws InterruptedException {
        Map<String, Measured> measured = new LinkedHashMap<>();
        for (String name : series.contenders()) {
            measured.put(name, new Measured(series, name, new ArrayList<>(), new ArrayList<>()));
        }
        Round round = new Round(series, place(series.transport()), processes);
        for (int i = 0; i < series.rounds(); i++) {
            List<String> order = Orders.of(series.contenders(), i);
            for (String name : order) {
                Measured of = Objects.requireNonNull(measured.get(name));
                try {
                    Sample sample = round.play(Contenders.named(name), i, order.indexOf(name));
                    of.samples().add(sample);
                } catch (InterruptedException e) {
                    throw e;
                } catch (Exception e) {
                    of.failures().add(String.valueOf(e.getMessage()));
                }
            }
        }
        for (Measured each : measured.values()) {
            reader.accept(String.format(
                    "%s: %s %,.0f/s, p99 %.1f ms%s",
                    series.title(),
                    each.contender(),
                    each.leases().median(),
                    each.p99().median() / 1e6,
                    each.failures().isEmpty() ? "" : ", failed: " + each.failures()));
        }
        return List.copyOf(measured.values());
    }

    private Place place(Transport transport) {
        return transport == Transport.SOCKET ? server.socket() : server.tcp();
    }
}
