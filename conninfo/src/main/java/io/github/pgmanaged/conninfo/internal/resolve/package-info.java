/**
 * Adds to a connection string the values of the service file, the environment, the password file and the defaults. Not
 * for users.
 */
@NullMarked
package io.github.pgmanaged.conninfo.internal.resolve;

import org.jspecify.annotations.NullMarked;
