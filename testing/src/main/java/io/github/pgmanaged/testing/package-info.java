/** What the tests of several modules share: a real PostgreSQL, a database of one's own in it, and what disturbs it. */
@NullMarked
package io.github.pgmanaged.testing;

import org.jspecify.annotations.NullMarked;
