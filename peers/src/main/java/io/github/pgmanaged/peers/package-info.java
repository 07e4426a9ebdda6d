/**
 * The guarantee, side by side: each peer in each scenario on a real server, and what was seen. {@code make matrix} runs
 * it and writes {@code docs/guarantee-matrix.md}.
 */
@NullMarked
package io.github.pgmanaged.peers;

import org.jspecify.annotations.NullMarked;
