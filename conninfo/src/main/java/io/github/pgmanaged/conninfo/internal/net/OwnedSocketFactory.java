package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Makes the sockets that pgjdbc would make without a factory, and that it dials itself, and gives them to the
 * {@link SocketOwner}: for {@code jdbc:postgresql:} URLs, of which only pgjdbc knows where they lead. pgjdbc makes the
 * factory by its name.
 *
 * <p>Thread safety: safe.
 */
public final class OwnedSocketFactory extends UnconnectedSocketFactory {
    private final @Nullable SocketOwner owner;

    /**
     * Made by pgjdbc.
     *
     * @param properties the connection's properties
     */
    public OwnedSocketFactory(Properties properties) {
        this.owner = OwnerTicket.owner(properties);
    }

    @Override
    public Socket createSocket() throws IOException {
        return owner == null ? new Socket() : OwnedSocket.of(owner);
    }

    /** A socket that is registered before it is dialled. */
    private static final class OwnedSocket extends AwaitedSocket {
        private final SocketOwner owner;

        private OwnedSocket(SocketOwner owner) {
            this.owner = owner;
        }

        static Socket of(SocketOwner owner) throws IOException {
            Socket socket = new OwnedSocket(owner);
            SystemSocket.create(socket);
            owner.register(socket);
            return socket;
        }

        @Override
        public void connect(SocketAddress address, int milliseconds) throws IOException {
            super.connect(address, milliseconds);
            owner.connected();
        }
    }
}
