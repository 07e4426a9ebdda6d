package io.github.pgmanaged.internal.fence;

import java.util.Set;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgConnection;

/**
 * The types whose values the driver gets in binary of its own accord. Of these it knows all that it takes to show one
 * as text; to show others it asks the catalog, or even the cursor that a value names.
 */
public final class BinaryTypes {
    private static final Set<Integer> KNOWN = Set.of(
            Oid.BYTEA,
            Oid.INT2,
            Oid.INT4,
            Oid.INT8,
            Oid.FLOAT4,
            Oid.FLOAT8,
            Oid.NUMERIC,
            Oid.TIME,
            Oid.DATE,
            Oid.TIMETZ,
            Oid.TIMESTAMP,
            Oid.TIMESTAMPTZ,
            Oid.BYTEA_ARRAY,
            Oid.INT2_ARRAY,
            Oid.INT4_ARRAY,
            Oid.INT8_ARRAY,
            Oid.OID_ARRAY,
            Oid.FLOAT4_ARRAY,
            Oid.FLOAT8_ARRAY,
            Oid.VARCHAR_ARRAY,
            Oid.TEXT_ARRAY,
            Oid.POINT,
            Oid.BOX,
            Oid.UUID);

    private BinaryTypes() {}

    /** Whether a session gets no others in binary, as it does with {@code binaryTransferEnable}. */
    @SuppressWarnings("deprecation") // for its slowness, and it is asked once a session
    public static boolean areKnown(PgConnection session) {
        return KNOWN.containsAll(session.getQueryExecutor().getBinaryReceiveOids());
    }
}
