/** The picture of a Flight Recorder's recording: read, laid out, and written as a page or for Perfetto. */
@NullMarked
package io.github.pgmanaged.cli.timeline;

import org.jspecify.annotations.NullMarked;
