package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.resolve.Server;
import java.sql.SQLException;

/**
 * An attempt to connect that has failed.
 *
 * @param message which address, and why it failed; it begins as libpq's messages do
 * @param exception what pgjdbc or the system said
 */
public record FailedAttempt(Server server, String message, SQLException exception) {}
