package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.Writer;
import java.util.Objects;

/** A writer that may write to the server, as that of a large object does. */
final class FencedWriter extends Writer {
    private final Fence fence;
    private final Writer delegate;

    FencedWriter(Fence fence, Writer delegate) {
        this.fence = fence;
        this.delegate = delegate;
    }

    @Override
    public void write(char[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length); // refused here, the call has not gone wrong
        StreamCalls.run(fence, "Writer.write", () -> delegate.write(buffer, offset, length));
    }

    @Override
    public void flush() throws IOException {
        StreamCalls.run(fence, "Writer.flush", delegate::flush);
    }

    @Override
    public void close() throws IOException {
        StreamCalls.close(fence, "Writer.close", delegate::close);
    }

    @Override
    public String toString() {
        return fence.text(this, delegate);
    }
}
