package io.github.pgmanaged.internal.fence;

import java.sql.Array;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;
import org.postgresql.util.ByteConverter;

@Forwards(value = Array.class, harmless = "free")
final class FencedArray extends ForwardingArray {
    /** What pgjdbc prints of an array that it cannot read. */
    private static final String UNREADABLE = "NULL";

    /** Where the binary form of an array has the type of its elements. */
    private static final int ELEMENT_TYPE_AT = 8;

    /** Elements whose binary form pgjdbc reads without a question to the server; commas stand between them. */
    private static final Set<Integer> READ_FROM_MEMORY = Set.of(
            Oid.INT2, Oid.INT4, Oid.INT8, Oid.OID, Oid.FLOAT4, Oid.FLOAT8, Oid.BOOL, Oid.TEXT, Oid.VARCHAR, Oid.BYTEA);

    FencedArray(Fence fence, Array delegate) {
        super(fence, delegate);
    }

    /**
     * The literal, as the driver writes it. pgjdbc stores it where it meets an array that it has not made, so an array
     * of a released lease has it, too; it is null for one that was freed, like the driver's.
     */
    @Override
    public String toString() {
        return fence.text(delegate, this::fromMemory);
    }

    /** Asks nothing of the session, which may be another lease's by now. */
    @SuppressWarnings("NullAway") // null for an array that was freed
    private String fromMemory() {
        if (!(delegate instanceof PgArray array)) {
            return UNREADABLE;
        }
        byte[] binary = array.toBytes();
        if (binary == null) {
            return array.toString();
        }
        if (!READ_FROM_MEMORY.contains(ByteConverter.int4(binary, ELEMENT_TYPE_AT))) {
            return UNREADABLE;
        }
        try {
            // The array's own type may be one whose separator pgjdbc would ask the server for.
            return new PgArray(fence.driver(), Oid.UNSPECIFIED, binary).toString();
        } catch (SQLException e) {
            return UNREADABLE;
        }
    }
}
