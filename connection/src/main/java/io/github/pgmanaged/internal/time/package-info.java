/** Time and threads: deadlines, and what keeps to them. It knows nothing of PostgreSQL. */
@NullMarked
package io.github.pgmanaged.internal.time;

import org.jspecify.annotations.NullMarked;
