package io.github.pgmanaged.conninfo.internal.connect;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks names up, within a time. Nothing ends a lookup from outside, so one whose time is over goes on, on a thread of
 * its own; whoever asks for the same name meanwhile waits for it, too, so that there is one thread for a name at most.
 *
 * <p>Thread safety: safe.
 */
final class NameLookup {
    private static final ConcurrentMap<String, CompletableFuture<InetAddress[]>> UNDER_WAY = new ConcurrentHashMap<>();

    private NameLookup() {}

    /**
     * The addresses of a name, in the JVM's order.
     *
     * @param nanos how long it may take; 0 is for ever
     * @throws UnknownHostException if there is none; if the time is over; or if this thread is interrupted meanwhile.
     *     The message is the name, and the reason if it is known
     */
    static InetAddress[] addresses(String name, long nanos) throws UnknownHostException {
        if (nanos == 0) {
            return InetAddress.getAllByName(name);
        }
        CompletableFuture<InetAddress[]> own = new CompletableFuture<>();
        CompletableFuture<InetAddress[]> other = UNDER_WAY.putIfAbsent(name, own);
        if (other == null) {
            start(name, own);
        }
        try {
            return (other == null ? own : other)
                    .get(nanos, TimeUnit.NANOSECONDS)
                    .clone();
        } catch (TimeoutException e) {
            throw unknown(name + ": timeout expired", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unknown(name + ": interrupted", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw unknown(String.valueOf(cause.getMessage()), cause);
        }
    }

    private static void start(String name, CompletableFuture<InetAddress[]> result) {
        Thread thread = new Thread(null, () -> lookUp(name, result), "pgmanaged-lookup", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        boolean started = false;
        try {
            thread.start();
            started = true;
        } finally {
            if (!started) {
                UNDER_WAY.remove(name, result);
                result.completeExceptionally(new UnknownHostException(name + ": no thread can be had"));
            }
        }
    }

    private static void lookUp(String name, CompletableFuture<InetAddress[]> result) {
        try {
            result.complete(InetAddress.getAllByName(name));
        } catch (UnknownHostException | RuntimeException | Error e) {
            result.completeExceptionally(e);
        } finally {
            UNDER_WAY.remove(name, result);
        }
    }

    private static UnknownHostException unknown(String message, Throwable cause) {
        UnknownHostException unknown = new UnknownHostException(message);
        unknown.initCause(cause);
        return unknown;
    }
}
