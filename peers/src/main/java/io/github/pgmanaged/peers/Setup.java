package io.github.pgmanaged.peers;

/** How a peer is configured. */
public enum Setup {
    /** As it comes, with one connection. */
    DEFAULT,
    /** With those of its options that help. */
    BEST
}
