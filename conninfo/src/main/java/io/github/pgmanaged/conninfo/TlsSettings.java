package io.github.pgmanaged.conninfo;

import java.util.Properties;

/** Placeholder. */
final class TlsSettings {
    private TlsSettings() {}

    static void apply(Resolution resolution, Candidate candidate, Properties properties) {
        properties.setProperty("sslmode", candidate.isUnixSocket() ? "disable" : resolution.value(Keyword.SSLMODE));
    }
}
