/** The one physical connection: how it is opened, what is known of it, and how it is closed. */
@NullMarked
package io.github.pgmanaged.internal.session;

import org.jspecify.annotations.NullMarked;
