package io.github.pgmanaged.conninfo.tls;

/** What became of an attempt to connect. */
enum Verdict {
    TLS,
    PLAIN,
    REFUSED
}
