package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.LeaseReleasedException;
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

    /** A call to a stream of the driver's. */
    @FunctionalInterface
    interface Call<R> {
        R call() throws IOException;
    }

    /** A call to a stream of the driver's that returns nothing. */
    @FunctionalInterface
    interface Run {
        void run() throws IOException;
    }

    static <R> R call(Fence fence, String name, Call<R> call) throws IOException {
        try {
            fence.enter();
        } catch (LeaseReleasedException e) {
            throw new IOException(e);
        }
        return entered(fence, name, call);
    }

    static void run(Fence fence, String name, Run call) throws IOException {
        call(fence, name, asCall(call));
    }

    /** As {@link #run}, for what does nothing once the lease is released. */
    static void close(Fence fence, String name, Run call) throws IOException {
        if (fence.gate().tryEnter()) {
            entered(fence, name, asCall(call));
        }
    }

    private static Call<Boolean> asCall(Run call) {
        return () -> {
            call.run();
            return true;
        };
    }

    /**
     * What goes wrong at the server is the cause of what the stream raises. Without such a cause the stream has refused
     * the call, as one that is closed does, and has said nothing to the server.
     */
    private static <R> R entered(Fence fence, String name, Call<R> call) throws IOException {
        fence.running(name);
        try {
            return call.call();
        } catch (IOException e) {
            if (e.getCause() instanceof SQLException cause) {
                fence.failed(cause);
            }
            throw e;
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Throwable e) {
            fence.brokeOff(e);
            throw e;
        } finally {
            fence.exit(name);
        }
    }
}
