/** Writes, at build time, the classes that forward JDBC's some 700 methods to the driver behind a fence. */
package io.github.pgmanaged.fences;
