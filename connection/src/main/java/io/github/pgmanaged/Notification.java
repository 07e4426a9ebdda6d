package io.github.pgmanaged;

import java.util.Objects;

/**
 * A message that came over a channel.
 *
 * <p>Thread safety: immutable.
 *
 * @param channel the channel's name, as the server has it
 * @param payload the text, of up to 7999 bytes; empty if there is none
 * @param backendPid the process ID of the server's process whose session has sent it
 * @see <a href="https://www.postgresql.org/docs/current/sql-notify.html">PostgreSQL manual, "NOTIFY"</a>
 */
public record Notification(String channel, String payload, int backendPid) {
    /**
     * A message.
     *
     * @param channel the channel's name; not null
     * @param payload the text; not null
     * @param backendPid the sender's process ID
     */
    public Notification {
        Objects.requireNonNull(channel, "channel");
        Objects.requireNonNull(payload, "payload");
    }
}
