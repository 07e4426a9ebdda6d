package io.github.pgmanaged.internal.session;

/** Which server an opening waits for, if it cannot be reached, is starting or is full. */
public enum Patience {
    /** None: one attempt. */
    NONE,
    /** One that was there before: what is wrong at the first time may well be the connection string. */
    FOR_A_KNOWN_SERVER,
    /** Any: somebody knows that it will come. */
    FOR_ANY_SERVER;

    boolean waits(boolean hasOpened) {
        return this == FOR_ANY_SERVER || (this == FOR_A_KNOWN_SERVER && hasOpened);
    }
}
