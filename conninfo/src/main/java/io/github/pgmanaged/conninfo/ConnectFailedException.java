package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.connect.FailedAttempt;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * No server could be connected to, or the one that answered refused. The message has a paragraph for each attempt, in
 * libpq's form. The SQLState is that of the last attempt, whose exception is the cause; those of the others are
 * suppressed.
 *
 * <p>Thread safety: immutable, but for what {@link SQLException} allows.
 */
public final class ConnectFailedException extends SQLException {
    private static final long serialVersionUID = 1L;

    private final transient List<Attempt> attempts;

    private ConnectFailedException(List<Attempt> attempts) {
        super(
                attempts.stream().map(Attempt::toString).collect(Collectors.joining("\n")),
                last(attempts).getSQLState(),
                last(attempts));
        this.attempts = List.copyOf(attempts);
        for (Attempt attempt : attempts) {
            if (attempt.exception() != last(attempts)) {
                addSuppressed(attempt.exception());
            }
        }
    }

    static ConnectFailedException of(List<FailedAttempt> failures) {
        return new ConnectFailedException(failures.stream()
                .map(failed -> new Attempt(new Candidate(failed.server()), failed.message(), failed.exception()))
                .toList());
    }

    /**
     * A failed attempt.
     *
     * @param candidate the server
     * @param message which address, and why it failed; it begins as libpq's messages do
     * @param exception what pgjdbc or the system said
     */
    public record Attempt(Candidate candidate, String message, SQLException exception) {
        /**
         * The message.
         *
         * @return text that may be logged
         */
        @Override
        public String toString() {
            return message;
        }
    }

    /**
     * What became of each attempt, in order.
     *
     * @return an unmodifiable list; empty after deserialization
     */
    public List<Attempt> attempts() {
        return attempts == null ? List.of() : attempts;
    }

    private static SQLException last(List<Attempt> attempts) {
        return attempts.get(attempts.size() - 1).exception();
    }
}
