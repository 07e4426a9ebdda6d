package io.github.pgmanaged.internal.fence;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.sql.SQLException;

/** Calls of streams, whose methods can only raise an {@link IOException}. */
final class StreamCalls {
    private StreamCalls() {}

    /**
     * Whether a stream holds all that it gives, as those of a result set's values do: it says nothing to the server.
     */
    static boolean isInMemory(Object stream) {
        return stream.getClass() == ByteArrayInputStream.class || stream.getClass() == StringReader.class;
    }

    /** Enough for a stream in memory. */
    static void check(Fence fence) throws IOException {
        try {
            fence.check();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    static <R> R call(Fence fence, String name, Fence.Call<R, IOException> call) throws IOException {
        try {
            return fence.call(name, call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    static void run(Fence fence, String name, Fence.Run<IOException> call) throws IOException {
        try {
            fence.run(name, call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** As {@link #run}, for what does nothing once the lease is released. */
    static void close(Fence fence, String name, Fence.Run<IOException> call) throws IOException {
        try {
            fence.close(name, call);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
