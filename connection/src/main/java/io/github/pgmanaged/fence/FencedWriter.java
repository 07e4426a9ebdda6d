package io.github.pgmanaged.fence;

import java.io.IOException;
import java.io.Writer;

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
        fence.runStream("Writer.write", () -> delegate.write(buffer, offset, length));
    }

    @Override
    public void flush() throws IOException {
        fence.runStream("Writer.write", delegate::flush);
    }

    @Override
    public void close() throws IOException {
        fence.closeStream("Writer.close", delegate::close);
    }
}
