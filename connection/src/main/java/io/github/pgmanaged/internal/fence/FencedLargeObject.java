package io.github.pgmanaged.internal.fence;

import java.io.InputStream;
import java.io.OutputStream;
import java.sql.SQLException;
import org.postgresql.core.BaseConnection;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.util.ByteStreamWriter;

/**
 * A large object behind the fence. pgjdbc gives no interface to forward, so this is its class with a gate before each
 * method that reaches the server. Its streams read and write through these methods, and so pass the gate, too.
 */
final class FencedLargeObject extends LargeObject {
    private final Fence fence;
    private final BaseConnection driver;
    private final long oid;
    private final int mode;

    /** Commits through the lease, so that what is true of a COMMIT is told of this one, too; then it is not set. */
    private boolean commitOnClose;

    @SuppressWarnings("deprecation") // pgjdbc's large objects are built on its deprecated fast path
    FencedLargeObject(Fence fence, BaseConnection driver, long oid, int mode, boolean commitOnClose)
            throws SQLException {
        super(driver.getFastpathAPI(), oid, mode, driver, false);
        this.fence = fence;
        this.driver = driver;
        this.oid = oid;
        this.mode = mode;
        this.commitOnClose = commitOnClose;
    }

    @Override
    public LargeObject copy() throws SQLException {
        return fence.call("LargeObject.copy", () -> new FencedLargeObject(fence, driver, oid, mode, false));
    }

    @Override
    public void close() throws SQLException {
        boolean commit = commitOnClose && !fence.gate().isShut();
        commitOnClose = false;
        fence.close("LargeObject.close", super::close);
        if (commit) {
            fence.lease().commit();
        }
    }

    @Override
    public byte[] read(int length) throws SQLException {
        return fence.call("LargeObject.read", () -> super.read(length));
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws SQLException {
        return fence.call("LargeObject.read", () -> super.read(buffer, offset, length));
    }

    @Override
    public void write(byte[] buffer) throws SQLException {
        fence.run("LargeObject.write", () -> super.write(buffer));
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws SQLException {
        fence.run("LargeObject.write", () -> super.write(buffer, offset, length));
    }

    @Override
    public void write(ByteStreamWriter writer) throws SQLException {
        fence.run("LargeObject.write", () -> super.write(writer));
    }

    @Override
    public void seek(int position, int reference) throws SQLException {
        fence.run("LargeObject.seek", () -> super.seek(position, reference));
    }

    @Override
    public void seek64(long position, int reference) throws SQLException {
        fence.run("LargeObject.seek64", () -> super.seek64(position, reference));
    }

    @Override
    public void seek(int position) throws SQLException {
        fence.run("LargeObject.seek", () -> super.seek(position));
    }

    @Override
    public int tell() throws SQLException {
        return fence.call("LargeObject.tell", () -> super.tell());
    }

    @Override
    public long tell64() throws SQLException {
        return fence.call("LargeObject.tell64", () -> super.tell64());
    }

    @Override
    public int size() throws SQLException {
        return fence.call("LargeObject.size", () -> super.size());
    }

    @Override
    public long size64() throws SQLException {
        return fence.call("LargeObject.size64", () -> super.size64());
    }

    @Override
    public void truncate(int length) throws SQLException {
        fence.run("LargeObject.truncate", () -> super.truncate(length));
    }

    @Override
    public void truncate64(long length) throws SQLException {
        fence.run("LargeObject.truncate64", () -> super.truncate64(length));
    }

    @Override
    public InputStream getInputStream() throws SQLException {
        return fence.call("LargeObject.getInputStream", () -> super.getInputStream());
    }

    @Override
    public InputStream getInputStream(long limit) throws SQLException {
        return fence.call("LargeObject.getInputStream", () -> super.getInputStream(limit));
    }

    @Override
    public InputStream getInputStream(int bufferSize, long limit) throws SQLException {
        return fence.call("LargeObject.getInputStream", () -> super.getInputStream(bufferSize, limit));
    }

    @Override
    public OutputStream getOutputStream() throws SQLException {
        return fence.call("LargeObject.getOutputStream", () -> super.getOutputStream());
    }
}
