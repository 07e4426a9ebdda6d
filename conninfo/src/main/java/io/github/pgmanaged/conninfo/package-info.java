/** Connection strings of PostgreSQL ("conninfo", in libpq's words) for Java. */
@NullMarked
package io.github.pgmanaged.conninfo;

import org.jspecify.annotations.NullMarked;
