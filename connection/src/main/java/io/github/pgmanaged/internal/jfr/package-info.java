/**
 * What happens, as events of the JDK's Flight Recorder. Nothing else touches the module jdk.jfr, which may be absent.
 */
@NullMarked
package io.github.pgmanaged.internal.jfr;

import org.jspecify.annotations.NullMarked;
