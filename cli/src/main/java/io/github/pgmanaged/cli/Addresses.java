package io.github.pgmanaged.cli;

import io.github.pgmanaged.conninfo.Candidate;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The addresses of a server, or in their place why there are none: somebody who waits should learn what for. */
final class Addresses {
    private static final int SECONDS = 10;

    private Addresses() {}

    static List<String> of(Candidate server) {
        FutureTask<List<String>> lookup = new FutureTask<>(() -> {
            try {
                return server.addresses();
            } catch (UnknownHostException e) {
                return List.of(String.valueOf(e.getMessage()));
            }
        });
        Thread thread = new Thread(lookup, "lookup");
        thread.setDaemon(true);
        thread.start();
        try {
            return lookup.get(SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return List.of("the name was not found in " + SECONDS + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of("interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
