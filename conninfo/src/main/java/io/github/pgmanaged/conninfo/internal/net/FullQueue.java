package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether dialling a Unix-domain socket has failed because the server's queue of new connections is full. The JDK
 * passes on only what the system calls that, in the language of the machine.
 */
final class FullQueue {
    private static final String IN_ENGLISH = "Resource temporarily unavailable";

    /** More than the smallest queue takes. */
    private static final int ENOUGH = 10;

    private FullQueue() {}

    static boolean isMeantBy(IOException e) {
        if (e.getClass() != SocketException.class) {
            return false;
        }
        String message = e.getMessage();
        return IN_ENGLISH.equals(message) || (message != null && message.equals(Here.WORDS));
    }

    /** Asked for only where the words are others than in English. */
    static final class Here {
        static final @Nullable String WORDS = learnt();

        private Here() {}

        /** What dialling a socket of our own fails with when its queue is full; null if that cannot be had. */
        private static @Nullable String learnt() {
            List<SocketChannel> queue = new ArrayList<>();
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(null, 1);
                UnixDomainSocketAddress address = (UnixDomainSocketAddress) server.getLocalAddress();
                try {
                    return fill(address, queue);
                } finally {
                    Files.delete(address.getPath());
                    for (SocketChannel waiting : queue) {
                        waiting.close();
                    }
                }
            } catch (IOException | RuntimeException e) {
                return null;
            }
        }

        private static @Nullable String fill(UnixDomainSocketAddress address, List<SocketChannel> queue)
                throws IOException {
            for (int i = 0; i < ENOUGH; i++) {
                SocketChannel next = SocketChannel.open(StandardProtocolFamily.UNIX);
                queue.add(next);
                next.configureBlocking(false);
                try {
                    next.connect(address);
                } catch (SocketException e) {
                    return e.getMessage();
                }
            }
            return null;
        }
    }
}
