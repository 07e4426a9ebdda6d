/** Tests of the command line. */
@NullMarked
package io.github.pgmanaged.cli;

import org.jspecify.annotations.NullMarked;
