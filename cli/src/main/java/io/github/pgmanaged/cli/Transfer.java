package io.github.pgmanaged.cli;

/**
 * Money that moves from one account to another.
 *
 * @param id chosen by the client, so that it can tell later what became of it
 */
record Transfer(long id, int from, int to, long amount) {}
