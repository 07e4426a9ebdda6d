/** A proxy that brings trouble upon a connection, at a chosen message of PostgreSQL's protocol. */
package io.github.pgmanaged.faults.proxy;
