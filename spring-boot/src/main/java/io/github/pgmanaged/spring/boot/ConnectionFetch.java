package io.github.pgmanaged.spring.boot;

/** When a connection of the {@code DataSource} takes the lease. */
public enum ConnectionFetch {
    /** When the connection is taken, which in Spring is when a transaction begins. */
    EAGER,

    /** With the first statement, so that a transaction without one takes none. */
    LAZY
}
