package io.github.pgmanaged.conninfo;

/**
 * A connection string, or what it refers to, that cannot be understood or honoured. The message is libpq's where libpq
 * has one. It names the offending part and never quotes a secret: what is or may be one is shown as {@code ***}.
 *
 * <p>Thread safety: immutable.
 */
public final class InvalidConnInfoException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates the exception.
     *
     * @param message what is wrong, without any secret
     */
    public InvalidConnInfoException(String message) {
        super(message);
    }
}
