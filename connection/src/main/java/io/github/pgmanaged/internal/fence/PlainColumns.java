package io.github.pgmanaged.internal.fence;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgResultSet;

/**
 * The columns of a result whose values the driver makes objects of without asking anybody: it knows their types by
 * heart, and the objects are plain values, not handles.
 *
 * <p>Thread safety: safe.
 */
final class PlainColumns {
    private static final Set<Integer> TYPES = Set.of(
            Oid.BOOL,
            Oid.BPCHAR,
            Oid.BYTEA,
            Oid.DATE,
            Oid.FLOAT4,
            Oid.FLOAT8,
            Oid.INT2,
            Oid.INT4,
            Oid.INT8,
            Oid.NUMERIC,
            Oid.TEXT,
            Oid.TIME,
            Oid.TIMESTAMP,
            Oid.TIMESTAMPTZ,
            Oid.UUID,
            Oid.VARCHAR);

    private static final Set<Class<?>> CLASSES = Set.of(
            BigDecimal.class,
            BigInteger.class,
            Boolean.class,
            Double.class,
            Float.class,
            Integer.class,
            LocalDate.class,
            LocalDateTime.class,
            LocalTime.class,
            Long.class,
            OffsetDateTime.class,
            Short.class,
            String.class,
            Timestamp.class,
            UUID.class);

    /** Of a result of which it has not been found out yet. */
    static final PlainColumns UNKNOWN = new PlainColumns(new boolean[0]);

    private final boolean[] plain;

    private PlainColumns(boolean[] plain) {
        this.plain = plain;
    }

    /** Of a result of the driver's. */
    static PlainColumns of(ResultSet result) throws SQLException {
        if (!(result instanceof PgResultSet driver)) {
            return new PlainColumns(new boolean[0]);
        }
        boolean[] plain = new boolean[result.getMetaData().getColumnCount()];
        for (int i = 0; i < plain.length; i++) {
            plain[i] = TYPES.contains(driver.getColumnOID(i + 1));
        }
        return new PlainColumns(plain);
    }

    /** Whether objects of a class are made of such a column's value in the same way, if they can be. */
    static boolean isPlain(@Nullable Class<?> type) {
        return type != null && CLASSES.contains(type);
    }

    /** Whether a column is one; there may be none of this number. */
    boolean contains(int column) {
        return column > 0 && column <= plain.length && plain[column - 1];
    }
}
