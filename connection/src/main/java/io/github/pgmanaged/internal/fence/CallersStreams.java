package io.github.pgmanaged.internal.fence;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;

/** The caller's streams that a copy reads or writes: foreign code, which may block, and which runs outside the gate. */
final class CallersStreams {
    private CallersStreams() {}

    static Reader of(Fence fence, Reader own) {
        return new Reader() {
            @Override
            public int read(char[] buffer, int offset, int length) throws IOException {
                return fence.outside(() -> own.read(buffer, offset, length));
            }

            @Override
            public void close() {}
        };
    }

    static InputStream of(Fence fence, InputStream own) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return fence.outside(own::read);
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return fence.outside(() -> own.read(buffer, offset, length));
            }
        };
    }

    static Writer of(Fence fence, Writer own) {
        return new Writer() {
            @Override
            public void write(char[] buffer, int offset, int length) throws IOException {
                fence.outside(() -> {
                    own.write(buffer, offset, length);
                    return true;
                });
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    static OutputStream of(Fence fence, OutputStream own) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                fence.outside(() -> {
                    own.write(buffer, offset, length);
                    return true;
                });
            }
        };
    }
}
