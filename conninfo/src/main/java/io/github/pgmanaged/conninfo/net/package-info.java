/** The sockets of a connection, as pgjdbc makes them by name. Not for users. */
@NullMarked
package io.github.pgmanaged.conninfo.net;

import org.jspecify.annotations.NullMarked;
