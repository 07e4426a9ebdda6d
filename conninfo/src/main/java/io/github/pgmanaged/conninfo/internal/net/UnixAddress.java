package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/**
 * Where a Unix-domain socket leads: to a path, or to a name in Linux's abstract namespace, which the JDK does not know
 * and junixsocket does, if it is there.
 *
 * <p>Thread safety: immutable.
 */
final class UnixAddress {
    /** The JDK's own words. */
    private static final String TOO_LONG = "Unix domain path too long";

    private final SocketAddress address;
    private final Opening opening;

    /** Opens a channel of the right kind. */
    private interface Opening {
        SocketChannel open() throws IOException;
    }

    private UnixAddress(SocketAddress address, Opening opening) {
        this.address = address;
        this.opening = opening;
    }

    /**
     * The address of a path; one that begins with an @ is in the abstract namespace.
     *
     * @throws UnusableException if it cannot be dialled in this JVM
     * @throws IOException if it is no address
     */
    static UnixAddress of(String path) throws IOException {
        if (path.startsWith("@")) {
            return inAbstractNamespace(path.substring(1));
        }
        try {
            return new UnixAddress(
                    UnixDomainSocketAddress.of(path), () -> SocketChannel.open(StandardProtocolFamily.UNIX));
        } catch (InvalidPathException e) {
            throw new UnusableException(
                    "the JVM's encoding of file names, " + System.getProperty("sun.jnu.encoding")
                            + ", does not have all characters of the path: start Java in a locale with UTF-8",
                    e);
        }
    }

    private static UnixAddress inAbstractNamespace(String name) throws IOException {
        try {
            return new UnixAddress(AbstractNamespace.address(name), AbstractNamespace::open);
        } catch (LinkageError e) {
            throw new UnusableException(
                    "the JDK has no sockets in the abstract namespace, and junixsocket is not there, or its native"
                            + " library cannot be loaded: add com.kohlschutter.junixsocket:junixsocket-common and"
                            + " junixsocket-native-common, or give the server a socket in a directory",
                    e);
        }
    }

    /**
     * A channel that is connected and does not block; null if the server has no room for one now.
     *
     * @throws UnusableException if it cannot be dialled in this JVM
     * @throws IOException if it cannot be dialled
     */
    @Nullable
    SocketChannel dial() throws IOException {
        SocketChannel channel = opening.open();
        boolean connected = false;
        try {
            channel.configureBlocking(false);
            connected = channel.connect(address);
        } catch (IOException e) {
            if (TOO_LONG.equals(e.getMessage())) {
                throw new UnusableException(
                        "the path is too long for Java, which takes 106 bytes on Linux, one fewer than libpq", e);
            }
            if (!FullQueue.isMeantBy(e)) {
                throw e;
            }
        } finally {
            if (!connected) {
                channel.close();
            }
        }
        return connected ? channel : null;
    }

    /** The JVM cannot dial the address, whether a server is there or not. */
    static final class UnusableException extends IOException {
        private static final long serialVersionUID = 1L;

        UnusableException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** All that needs junixsocket; not loaded before. */
    private static final class AbstractNamespace {
        static SocketAddress address(String name) throws IOException {
            return AFUNIXSocketAddress.inAbstractNamespace(name);
        }

        static SocketChannel open() throws IOException {
            return AFUNIXSocketChannel.open();
        }
    }
}
