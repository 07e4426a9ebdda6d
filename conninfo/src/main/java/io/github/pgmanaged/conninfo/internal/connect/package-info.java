/** Opens a session with pgjdbc where a resolved connection string leads. Not for users. */
@NullMarked
package io.github.pgmanaged.conninfo.internal.connect;

import org.jspecify.annotations.NullMarked;
