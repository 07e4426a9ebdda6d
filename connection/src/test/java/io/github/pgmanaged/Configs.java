package io.github.pgmanaged;

import java.time.Duration;
import javax.sql.DataSource;

/** The options of a part that is tested by itself. */
final class Configs {
    private Configs() {}

    static Config of(DataSource source, Duration releaseTimeout) {
        return new Config(
                "test",
                source,
                false,
                Duration.ZERO,
                releaseTimeout,
                Duration.ZERO,
                0,
                DatabaseErrors.RESET_ALWAYS,
                Duration.ZERO,
                null,
                null,
                null,
                SessionReset.JDBC_SETTINGS,
                false,
                null);
    }
}
