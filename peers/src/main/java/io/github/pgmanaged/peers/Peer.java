package io.github.pgmanaged.peers;

import java.time.Duration;

/** A library that gives out connections, in one configuration. */
public interface Peer {
    /** How long a borrower waits in the matrix, where the library has an option for that; so that all scenarios end. */
    Duration ACQUIRE_TIMEOUT = Setup.DEFAULT.acquireTimeout();

    /**
     * The library's name.
     *
     * @return the name
     */
    String name();

    /**
     * The library's version, as it says itself.
     *
     * @return the version
     */
    String version();

    /**
     * Which of its configurations this is.
     *
     * @return the setup
     */
    Setup setup();

    /**
     * The options that were set, one line.
     *
     * @return the options, as they are called in the library's manual
     */
    String configuration();

    /**
     * Makes a pool with one connection.
     *
     * @param target where to
     * @return the pool
     * @throws Exception if the library does not like it
     */
    Pool open(Target target) throws Exception;

    /**
     * Name and setup.
     *
     * @return as it is called in the matrix
     */
    default String title() {
        return setup() == Setup.BEST ? name() + ", best" : name();
    }
}
