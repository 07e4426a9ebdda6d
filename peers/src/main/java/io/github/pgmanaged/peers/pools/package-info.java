/** The peers, each in a file of its own. */
@NullMarked
package io.github.pgmanaged.peers.pools;

import org.jspecify.annotations.NullMarked;
