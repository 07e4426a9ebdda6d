/** The sockets of a connection, as pgjdbc makes them by name. Not for users. */
@NullMarked
package io.github.pgmanaged.conninfo.internal.net;

import org.jspecify.annotations.NullMarked;
