/** Subscriptions: what their listeners are to hear, and the calls that tell them. It knows nothing of sessions. */
@NullMarked
package io.github.pgmanaged.internal.listen;

import org.jspecify.annotations.NullMarked;
