/** The three forms of a connection string, read by libpq's grammar, and shown without their secrets. Not for users. */
@NullMarked
package io.github.pgmanaged.conninfo.internal.parse;

import org.jspecify.annotations.NullMarked;
