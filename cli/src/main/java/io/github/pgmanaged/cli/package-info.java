/** The command line: {@code pgmanaged demo}. */
@NullMarked
package io.github.pgmanaged.cli;

import org.jspecify.annotations.NullMarked;
