/** The manager in JMX. Nothing else touches the module java.management, which may be absent. */
@NullMarked
package io.github.pgmanaged.internal.jmx;

import org.jspecify.annotations.NullMarked;
