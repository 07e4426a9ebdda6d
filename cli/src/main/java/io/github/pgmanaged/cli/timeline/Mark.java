package io.github.pgmanaged.cli.timeline;

/**
 * Something that happened at a moment.
 *
 * @param lane the thread that it concerns, or {@link #NO_LANE}
 * @param text what else is known of it
 */
record Mark(long at, Kind kind, int lane, String text) {
    static final int NO_LANE = -1;

    /** What can happen. */
    enum Kind {
        FORCED_ROLLBACK(0, "forced rollback"),
        SESSION_OPENED(1, "session opened"),
        OPENING_FAILED(2, "opening failed"),
        SESSION_CLOSED(3, "session closed"),
        REVOKED(4, "lease revoked"),
        COMMIT_UNKNOWN(5, "commit unknown"),
        GAVE_UP(6, "gave up waiting");

        private final int number;
        private final String text;

        Kind(int number, String text) {
            this.number = number;
            this.text = text;
        }

        /** The page knows it by this. */
        int number() {
            return number;
        }

        String text() {
            return text;
        }
    }
}
