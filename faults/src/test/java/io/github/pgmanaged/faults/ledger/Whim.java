package io.github.pgmanaged.faults.ledger;

/** What a citizen throws in the middle of its work. */
final class Whim extends Exception {
    private static final long serialVersionUID = 1L;
}
