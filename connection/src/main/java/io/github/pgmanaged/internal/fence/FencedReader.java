package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.Reader;

/** A reader that may read from the server, as that of a large object does. */
final class FencedReader extends Reader {
    private final Fence fence;
    private final Reader delegate;
    private final boolean inMemory;

    FencedReader(Fence fence, Reader delegate) {
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
        return StreamCalls.call(fence, "Reader.read", delegate::read);
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
        if (inMemory) {
            StreamCalls.check(fence);
            return delegate.read(buffer, offset, length);
        }
        return StreamCalls.call(fence, "Reader.read", () -> delegate.read(buffer, offset, length));
    }

    @Override
    public void close() throws IOException {
        StreamCalls.close(fence, "Reader.close", delegate::close);
    }
}
