package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.Reader;
import java.util.Objects;

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
        Objects.checkFromIndexSize(offset, length, buffer.length); // refused here, the call has not gone wrong
        if (inMemory) {
            StreamCalls.check(fence);
            return delegate.read(buffer, offset, length);
        }
        return StreamCalls.call(fence, "Reader.read", () -> delegate.read(buffer, offset, length));
    }

    @Override
    public long skip(long count) throws IOException {
        return StreamCalls.call(fence, "Reader.skip", () -> delegate.skip(count));
    }

    @Override
    public boolean ready() throws IOException {
        return StreamCalls.call(fence, "Reader.ready", delegate::ready);
    }

    @Override
    public boolean markSupported() {
        return delegate.markSupported();
    }

    @Override
    public void mark(int readAheadLimit) throws IOException {
        StreamCalls.run(fence, "Reader.mark", () -> delegate.mark(readAheadLimit));
    }

    @Override
    public void reset() throws IOException {
        StreamCalls.run(fence, "Reader.reset", delegate::reset);
    }

    @Override
    public void close() throws IOException {
        StreamCalls.close(fence, "Reader.close", delegate::close);
    }

    @Override
    public String toString() {
        return fence.text(this, delegate);
    }
}
