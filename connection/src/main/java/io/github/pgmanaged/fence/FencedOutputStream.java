package io.github.pgmanaged.fence;

import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;

/** A stream that may write to the server, as that of a large object does. */
final class FencedOutputStream extends OutputStream {
    private final Fence fence;
    private final OutputStream delegate;

    FencedOutputStream(Fence fence, OutputStream delegate) {
        this.fence = fence;
        this.delegate = delegate;
    }

    @Override
    public void write(int b) throws IOException {
        run(() -> delegate.write(b));
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        run(() -> delegate.write(buffer, offset, length));
    }

    @Override
    public void flush() throws IOException {
        run(delegate::flush);
    }

    @Override
    public void close() throws IOException {
        if (!fence.isShut()) {
            run(delegate::close);
        }
    }

    private void run(Fence.Run<IOException> call) throws IOException {
        try {
            fence.run("OutputStream", call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
