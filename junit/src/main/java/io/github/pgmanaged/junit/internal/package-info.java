/** What is behind {@link io.github.pgmanaged.junit.OneConnection}. */
@NullMarked
package io.github.pgmanaged.junit.internal;

import org.jspecify.annotations.NullMarked;
