package io.github.pgmanaged.conninfo.tls;

import java.nio.file.Path;

/**
 * One question: this string, before this server, with this home directory.
 *
 * @param name scenario and mode
 * @param conninfo without a port, a user or a database
 */
record Cell(String name, Scenario scenario, String conninfo, Path home) {}
