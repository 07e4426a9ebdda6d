/** Every fault at every phase of a lease. */
package io.github.pgmanaged.faults.table;
