package io.github.pgmanaged.conninfo;

/**
 * A connection string that cannot be understood. Its message names the offending part and never quotes a secret.
 *
 * <p>Thread safety: immutable.
 */
public final class InvalidConnInfoException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what is wrong with the string, without any secret of it
     */
    public InvalidConnInfoException(String message) {
        super(message);
    }
}
