/** A real PostgreSQL, started from binaries that come as a dependency. */
@NullMarked
package io.github.pgmanaged.embedded;

import org.jspecify.annotations.NullMarked;
