/**
 * Connection strings of PostgreSQL ("conninfo", in libpq's words) for Java, with any pool or framework.
 *
 * <p>{@link io.github.pgmanaged.conninfo.LibpqDataSource} connects as a string says, and
 * {@link io.github.pgmanaged.conninfo.LibpqDriver} does so for {@code jdbc:libpq:} URLs.
 * {@link io.github.pgmanaged.conninfo.ConnInfo} parses a string, and its {@code resolve} says where it leads:
 * {@link io.github.pgmanaged.conninfo.Setting}s with their {@link io.github.pgmanaged.conninfo.Source}, and
 * {@link io.github.pgmanaged.conninfo.Candidate}s. A string that cannot be understood raises
 * {@link io.github.pgmanaged.conninfo.InvalidConnInfoException}, servers that cannot be connected to
 * {@link io.github.pgmanaged.conninfo.ConnectFailedException}.
 *
 * <p>The manual is in the folder {@code docs} of the source, {@code conninfo.md}; {@code conninfo/KEYWORDS.md} lists
 * each keyword.
 */
@NullMarked
package io.github.pgmanaged.conninfo;

import org.jspecify.annotations.NullMarked;
