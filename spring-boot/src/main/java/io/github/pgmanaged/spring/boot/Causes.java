package io.github.pgmanaged.spring.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** An exception and its causes. */
final class Causes {
    private static final int MOST = 100;

    private Causes() {}

    /** Outermost first; they may go in a circle. */
    static Stream<Throwable> of(Throwable failure) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && causes.size() < MOST; cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes.stream();
    }
}
