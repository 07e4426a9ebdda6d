package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.time.Throwables;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.sql.SQLException;
import org.postgresql.copy.CopyDual;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOperation;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.ByteStreamWriter;

/**
 * COPY behind the fence. pgjdbc gives no interface to forward, so this is its class with a gate before each method.
 *
 * <p>pgjdbc holds its lock on the session while a copy is under way, so one that the holder left so is cancelled at the
 * release, before anything else is said to the server.
 */
final class FencedCopyManager extends CopyManager {
    private final Fence fence;

    /** Its methods call each other, and pass the gate once. */
    private final CopyManager plain;

    FencedCopyManager(Fence fence, PgConnection driver) throws SQLException {
        super(driver);
        this.fence = fence;
        this.plain = new CancelledAtRelease(fence, driver);
    }

    /** The driver's, each copy of which is known from its beginning on. */
    private static final class CancelledAtRelease extends CopyManager {
        private final Fence fence;

        CancelledAtRelease(Fence fence, PgConnection driver) throws SQLException {
            super(driver);
            this.fence = fence;
        }

        @Override
        public CopyIn copyIn(String sql) throws SQLException {
            return known(super.copyIn(sql), sql);
        }

        @Override
        public CopyOut copyOut(String sql) throws SQLException {
            return known(super.copyOut(sql), sql);
        }

        @Override
        public CopyDual copyDual(String sql) throws SQLException {
            return known(super.copyDual(sql), sql);
        }

        private <T extends CopyOperation> T known(T begun, String sql) {
            fence.handles().add(begun, sql);
            return begun;
        }
    }

    @Override
    public CopyIn copyIn(String sql) throws SQLException {
        return copy(sql, () -> new FencedCopyIn(fence, plain.copyIn(sql), sql));
    }

    @Override
    public CopyOut copyOut(String sql) throws SQLException {
        return copy(sql, () -> new FencedCopyOut(fence, plain.copyOut(sql), sql));
    }

    @Override
    public CopyDual copyDual(String sql) throws SQLException {
        return copy(sql, () -> new FencedCopyDual(fence, plain.copyDual(sql)));
    }

    @Override
    public long copyOut(String sql, Writer to) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> copyOut(sql, writerSink(to)));
    }

    @Override
    public long copyOut(String sql, OutputStream to) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> copyOut(sql, to::write));
    }

    /** Where rows go: foreign code. */
    @FunctionalInterface
    private interface Sink {
        void write(byte[] row) throws IOException;
    }

    private Sink writerSink(Writer to) {
        return row -> to.write(fence.driver().getEncoding().decode(row));
    }

    /** pgjdbc's own method leaves unread what the server has sent when the sink throws. */
    private long copyOut(String sql, Sink to) throws SQLException, IOException {
        CopyOut operation = plain.copyOut(sql);
        try {
            byte[] row;
            while ((row = operation.readFromCopy()) != null) {
                to.write(row);
            }
            return operation.getHandledRowCount();
        } catch (Throwable t) {
            if (operation.isActive()) {
                cancel(operation, t);
            }
            throw t;
        }
    }

    private void cancel(CopyOut operation, Throwable why) {
        try {
            FencedCopyOut.cancel(fence, operation);
        } catch (Throwable trouble) {
            fence.brokeOffInExchange(trouble);
            Throwables.suppress(why, trouble);
        }
    }

    @Override
    public long copyIn(String sql, Reader from) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> plain.copyIn(sql, from));
    }

    @Override
    public long copyIn(String sql, Reader from, int bufferSize) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> plain.copyIn(sql, from, bufferSize));
    }

    @Override
    public long copyIn(String sql, InputStream from) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> plain.copyIn(sql, from));
    }

    @Override
    public long copyIn(String sql, InputStream from, int bufferSize) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> plain.copyIn(sql, from, bufferSize));
    }

    @Override
    public long copyIn(String sql, ByteStreamWriter from) throws SQLException, IOException {
        return this.<Long, IOException>copy(sql, () -> plain.copyIn(sql, from));
    }

    private <R, X extends Exception> R copy(String sql, Fence.Call<R, X> copy) throws SQLException, X {
        fence.sends(sql); // it may be the answer to a query
        return fence.execute(sql, copy);
    }
}
