package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.InputStream;

/** A stream that may read from the server, as that of a large object does. */
final class FencedInputStream extends InputStream {
    private final Fence fence;
    private final InputStream delegate;
    private final boolean inMemory;

    FencedInputStream(Fence fence, InputStream delegate) {
        this.fence = fence;
        this.delegate = delegate;
        this.inMemory = StreamCalls.isInMemory(delegate);
    }

    @Override
    public int read() throws IOException {
        if (inMemory) {
            StreamCalls.check(fence);
            return delegate.read();
        }
        return StreamCalls.call(fence, "InputStream.read", delegate::read);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (inMemory) {
            StreamCalls.check(fence);
            return delegate.read(buffer, offset, length);
        }
        return StreamCalls.call(fence, "InputStream.read", () -> delegate.read(buffer, offset, length));
    }

    @Override
    public long skip(long count) throws IOException {
        return StreamCalls.call(fence, "InputStream.read", () -> delegate.skip(count));
    }

    @Override
    public int available() throws IOException {
        return StreamCalls.call(fence, "InputStream.read", delegate::available);
    }

    @Override
    public void close() throws IOException {
        StreamCalls.close(fence, "InputStream.close", delegate::close);
    }
}
