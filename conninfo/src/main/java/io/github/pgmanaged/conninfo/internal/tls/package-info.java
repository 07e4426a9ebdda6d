/** TLS by libpq's rules, as pgjdbc makes it by name. Not for users. */
@NullMarked
package io.github.pgmanaged.conninfo.internal.tls;

import org.jspecify.annotations.NullMarked;
