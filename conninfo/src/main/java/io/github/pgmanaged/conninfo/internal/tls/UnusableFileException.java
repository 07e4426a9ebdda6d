package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;

/**
 * A file of the client's own cannot be used, or its bounds of TLS versions cannot be kept. That is no reason to do
 * without TLS, as it would be if the server had none to offer.
 */
public final class UnusableFileException extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableFileException(String message) {
        super(message);
    }

    UnusableFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
