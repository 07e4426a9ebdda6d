package io.github.pgmanaged.faults.table;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** A COPY that the server keeps nothing of. It writes more than the sockets' buffers on the way to the server take. */
final class Copying {
    private static final byte[] ROW = ("x".repeat(65_535) + "\n").getBytes(StandardCharsets.US_ASCII);
    private static final int ROWS = 224;

    private Copying() {}

    /** Takes the server as many seconds, and however long it takes to read. */
    static void into(Connection connection, double seconds) throws SQLException {
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY " + World.COPIED + " FROM STDIN WHERE pg_sleep(" + seconds / ROWS + ") IS NULL",
                            new Rows(),
                            ROW.length);
        } catch (IOException e) {
            throw new SQLException(e);
        }
    }

    /** The same row again and again. */
    private static final class Rows extends InputStream {
        private int left = ROW.length * ROWS;

        @Override
        public int read() {
            return left == 0 ? -1 : ROW[(ROW.length - left-- % ROW.length) % ROW.length];
        }

        @Override
        public int read(byte[] to, int from, int count) {
            if (left == 0) {
                return -1;
            }
            int at = (ROW.length - left % ROW.length) % ROW.length;
            int some = Math.min(count, ROW.length - at);
            System.arraycopy(ROW, at, to, from, some);
            left -= some;
            return some;
        }
    }
}
