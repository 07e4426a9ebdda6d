/** What every layer of the house may know: the options, and the events. Not exported. */
@NullMarked
package io.github.pgmanaged.internal;

import org.jspecify.annotations.NullMarked;
