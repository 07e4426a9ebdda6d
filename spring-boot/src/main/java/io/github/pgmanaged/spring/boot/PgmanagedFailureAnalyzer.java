package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.AcquireTimeoutException;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.conninfo.ConnectFailedException;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** What to change if an application does not start because of its connection. */
@Order(Ordered.HIGHEST_PRECEDENCE + 100)
final class PgmanagedFailureAnalyzer implements FailureAnalyzer {
    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        return Causes.of(failure)
                .flatMap(cause -> Stream.ofNullable(analyzeOne(cause)))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable FailureAnalysis analyzeOne(Throwable cause) {
        if (cause instanceof InvalidConnInfoException) {
            return new FailureAnalysis(
                    "The connection string of the managed connection cannot be used: " + cause.getMessage(),
                    "Correct pgmanaged.conninfo (or, if a JdbcConnectionDetails bean is used, its URL): a libpq"
                            + " connection string such as postgres://user@host/database or host=... dbname=..., or a"
                            + " jdbc:postgresql: URL. A password may come from a password file or PGPASSWORD. Details of"
                            + " another database are left to Boot's pool with pgmanaged.default-candidate=false.",
                    cause);
        }
        if (cause instanceof ReentrantAcquireException second) {
            return new FailureAnalysis(
                    "A thread that has the one connection wanted another: " + second.getMessage(),
                    "Let that code use the connection that its thread has, or give it up first. Where it belongs to a"
                            + " known program, the description says what to set.",
                    cause);
        }
        if (cause instanceof AcquireTimeoutException timeout && timeout.holder() != null) {
            return new FailureAnalysis(
                    "The one connection did not become free in time: " + timeout.getMessage(),
                    "Start-up code in one thread waits for another that holds the lease. Let the holder finish before"
                            + " it is waited for, or raise pgmanaged.acquire-timeout.",
                    cause);
        }
        if (cause instanceof AcquireTimeoutException || cause instanceof ConnectFailedException) {
            return new FailureAnalysis(
                    "The managed connection could not be opened: " + cause.getMessage(), opening(state(cause)), cause);
        }
        return null;
    }

    private static @Nullable String state(Throwable cause) {
        Throwable last = cause instanceof AcquireTimeoutException ? cause.getCause() : cause;
        return last instanceof SQLException sql ? sql.getSQLState() : null;
    }

    private static String opening(@Nullable String state) {
        if (state != null && state.startsWith("28")) {
            return "Correct the user or the password in pgmanaged.conninfo, the password file or PGPASSWORD, or the"
                    + " server's pg_hba.conf.";
        }
        if ("3D000".equals(state)) {
            return "Create the database, or correct its name in pgmanaged.conninfo.";
        }
        if ("53300".equals(state)) {
            return "The server has no connection left: raise max_connections, or close sessions of others. With"
                    + " pgmanaged.open-within=1m start-up waits for one.";
        }
        return "Start the server, or correct host and port in pgmanaged.conninfo. With pgmanaged.open-within=1m"
                + " start-up waits for a server that starts later.";
    }
}
