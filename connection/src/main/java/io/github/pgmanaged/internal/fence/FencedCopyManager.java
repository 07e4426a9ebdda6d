package io.github.pgmanaged.internal.fence;

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
 * release, before anything else is said to the server. While it waits for the caller's own stream it is not in the
 * gate.
 */
final class FencedCopyManager extends CopyManager {
    private final Fence fence;

    FencedCopyManager(Fence fence, PgConnection driver) throws SQLException {
        super(driver);
        this.fence = fence;
    }

    @Override
    public CopyIn copyIn(String sql) throws SQLException {
        return fence.call(sql, () -> new FencedCopyIn(fence, cancelledAtRelease(super.copyIn(sql))));
    }

    @Override
    public CopyOut copyOut(String sql) throws SQLException {
        return fence.call(sql, () -> new FencedCopyOut(fence, cancelledAtRelease(super.copyOut(sql))));
    }

    @Override
    public CopyDual copyDual(String sql) throws SQLException {
        return fence.call(sql, () -> new FencedCopyDual(fence, cancelledAtRelease(super.copyDual(sql))));
    }

    @Override
    public long copyOut(String sql, Writer to) throws SQLException, IOException {
        return fence.<Long, IOException>call(sql, () -> super.copyOut(sql, CallersStreams.of(fence, to)));
    }

    @Override
    public long copyOut(String sql, OutputStream to) throws SQLException, IOException {
        return fence.<Long, IOException>call(sql, () -> super.copyOut(sql, CallersStreams.of(fence, to)));
    }

    @Override
    public long copyIn(String sql, Reader from, int bufferSize) throws SQLException, IOException {
        return fence.<Long, IOException>call(sql, () -> super.copyIn(sql, CallersStreams.of(fence, from), bufferSize));
    }

    @Override
    public long copyIn(String sql, InputStream from, int bufferSize) throws SQLException, IOException {
        return fence.<Long, IOException>call(sql, () -> super.copyIn(sql, CallersStreams.of(fence, from), bufferSize));
    }

    @Override
    public long copyIn(String sql, ByteStreamWriter from) throws SQLException, IOException {
        return fence.<Long, IOException>call(sql, () -> super.copyIn(sql, from));
    }

    private <T extends CopyOperation> T cancelledAtRelease(T operation) {
        fence.handles().add(operation);
        return operation;
    }
}
