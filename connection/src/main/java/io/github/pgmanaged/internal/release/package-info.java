/** What a release does to the session, and what it reports. */
@NullMarked
package io.github.pgmanaged.internal.release;

import org.jspecify.annotations.NullMarked;
