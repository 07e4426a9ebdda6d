package io.github.pgmanaged.benchmarks.results;

import java.util.List;
import java.util.Locale;

/**
 * A number of threads that share a connection in one way, and the contenders that do, in interleaved rounds.
 *
 * @param scenario what the threads do
 * @param transport how they reach the server
 * @param threads how many
 * @param virtual whether they are virtual threads
 * @param rounds how many rounds each contender plays
 * @param windowMillis how long a round is measured
 * @param leadInMillis how long it runs before
 * @param contenders who takes part, by name
 */
public record Series(
        Scenario scenario,
        Transport transport,
        int threads,
        boolean virtual,
        int rounds,
        int windowMillis,
        int leadInMillis,
        List<String> contenders) {
    /** What the threads do. */
    public enum Scenario {
        /** {@code select 1} and commit, again and again. */
        PLAIN,
        /** The same, with 5 ms of work of the thread's own after each; one lease in a hundred takes 50 ms. */
        OWN_WORK,
        /** As plain; the number of waiting threads grows to 10,000. */
        WAITERS,
        /** As plain, on virtual threads and, beside them, on platform threads. */
        VIRTUAL,
        /** As plain, beside a connection that is opened for each use. */
        PER_USE
    }

    /**
     * How many threads wait while one has the connection.
     *
     * @return all but one
     */
    public int waiting() {
        return threads - 1;
    }

    /**
     * How many threads and processes want a processor at the same time, at most, if all waiting is quiet: who has the
     * connection and the server's process, or as many of both as there are threads.
     *
     * @return what it adds to the load average
     */
    public double expectedLoad() {
        return 2.0 * (scenario == Scenario.PER_USE ? threads : 1);
    }

    /** How threads reach the server. */
    public enum Transport {
        /** A Unix-domain socket. */
        SOCKET("Unix socket"),
        /** TCP on the loopback address. */
        TCP("TCP");

        private final String title;

        Transport(String title) {
            this.title = title;
        }

        /**
         * For a heading.
         *
         * @return the name
         */
        public String title() {
            return title;
        }
    }

    /**
     * In one line.
     *
     * @return scenario, transport, threads
     */
    public String title() {
        return String.format(
                Locale.ROOT,
                "%s, %s, %d %sthread%s",
                scenario,
                transport.title(),
                threads,
                virtual ? "virtual " : "",
                threads == 1 ? "" : "s");
    }
}
