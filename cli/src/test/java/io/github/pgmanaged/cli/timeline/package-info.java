/** Tests of the timeline. */
@NullMarked
package io.github.pgmanaged.cli.timeline;

import org.jspecify.annotations.NullMarked;
