package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

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
        StreamCalls.run(fence, "OutputStream.write", () -> delegate.write(b));
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length); // refused here, the call has not gone wrong
        StreamCalls.run(fence, "OutputStream.write", () -> delegate.write(buffer, offset, length));
    }

    @Override
    public void flush() throws IOException {
        StreamCalls.run(fence, "OutputStream.flush", delegate::flush);
    }

    @Override
    public void close() throws IOException {
        StreamCalls.close(fence, "OutputStream.close", delegate::close);
    }

    @Override
    public String toString() {
        return fence.text(this, delegate);
    }
}
