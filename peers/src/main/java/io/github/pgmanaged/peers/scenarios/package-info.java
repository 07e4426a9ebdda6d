/** The scenarios, each in a file of its own. */
@NullMarked
package io.github.pgmanaged.peers.scenarios;

import org.jspecify.annotations.NullMarked;
