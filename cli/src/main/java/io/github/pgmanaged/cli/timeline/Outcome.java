package io.github.pgmanaged.cli.timeline;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a lease ended, as the recording says it. */
enum Outcome {
    RELEASED(0, "released"),
    ROLLED_BACK(1, "released, rolled back"),
    FAILED(2, "its release failed"),
    LOST(3, "its session was lost"),
    REVOKED(4, "revoked"),
    ABANDONED(5, "abandoned, taken back"),
    /** One that only another version knows. */
    OTHER(6, "ended in another way");

    private final int number;
    private final String text;

    Outcome(int number, String text) {
        this.number = number;
        this.text = text;
    }

    static Outcome of(@Nullable String recorded) {
        try {
            return recorded == null ? OTHER : valueOf(recorded.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return OTHER;
        }
    }

    /** The page knows it by this. */
    int number() {
        return number;
    }

    String text() {
        return text;
    }
}
