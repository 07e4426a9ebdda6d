package io.github.pgmanaged.kotlin

import io.github.pgmanaged.Lease
import io.github.pgmanaged.ManagedConnection

fun <R> ManagedConnection.tx(work: (Lease) -> R): R = inTransaction<R, Exception>(work)
