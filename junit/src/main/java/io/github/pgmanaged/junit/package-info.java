/** Runs an application's tests on one connection, and names what wanted another: {@link OneConnection}. */
@NullMarked
package io.github.pgmanaged.junit;

import org.jspecify.annotations.NullMarked;
