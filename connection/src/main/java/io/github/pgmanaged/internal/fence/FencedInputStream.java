package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

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
        Objects.checkFromIndexSize(offset, length, buffer.length); // refused here, the call has not gone wrong
        if (inMemory) {
            StreamCalls.check(fence);
            return delegate.read(buffer, offset, length);
        }
        return StreamCalls.call(fence, "InputStream.read", () -> delegate.read(buffer, offset, length));
    }

    @Override
    public long skip(long count) throws IOException {
        return StreamCalls.call(fence, "InputStream.skip", () -> delegate.skip(count));
    }

    @Override
    public int available() throws IOException {
        return StreamCalls.call(fence, "InputStream.available", delegate::available);
    }

    @Override
    public boolean markSupported() {
        return delegate.markSupported();
    }

    /** A large object's stream may ask the server where it is. A closed stream has nothing to mark. */
    @Override
    public void mark(int readLimit) {
        try {
            StreamCalls.close(fence, "InputStream.mark", () -> delegate.mark(readLimit));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void reset() throws IOException {
        StreamCalls.run(fence, "InputStream.reset", delegate::reset);
    }

    @Override
    public void close() throws IOException {
        StreamCalls.close(fence, "InputStream.close", delegate::close);
    }

    @Override
    public String toString() {
        return fence.text(this, delegate);
    }
}
