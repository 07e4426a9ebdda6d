package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;

/** What came from the other side before the session began is not what a server says. The message is libpq's. */
public final class StartException extends IOException {
    /** The server asks for a password, and there is none. */
    public static final String NO_PASSWORD = "fe_sendauth: no password supplied";

    private static final long serialVersionUID = 1L;

    StartException(String message) {
        super(message);
    }
}
