package io.github.pgmanaged.junit;

/**
 * The report of what {@link OneConnection} found in a test: its message. The stack trace is the stack of the first
 * finding. A test that failed by itself has it suppressed onto its own failure.
 */
public final class OneConnectionError extends AssertionError {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the error.
     *
     * @param report what was found
     */
    public OneConnectionError(String report) {
        super(report);
    }
}
