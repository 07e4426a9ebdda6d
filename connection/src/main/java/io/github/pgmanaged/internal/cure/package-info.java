/** Well-known programs that want a second connection, and what to change in them. Data, and what searches it. */
@NullMarked
package io.github.pgmanaged.internal.cure;

import org.jspecify.annotations.NullMarked;
