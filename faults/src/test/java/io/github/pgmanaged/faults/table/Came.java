package io.github.pgmanaged.faults.table;

import java.time.Duration;

/**
 * What has come of a cell.
 *
 * @param told what the thread was told
 * @param longest how long it was held up at the most, in one call
 */
record Came(String told, Duration longest) {}
