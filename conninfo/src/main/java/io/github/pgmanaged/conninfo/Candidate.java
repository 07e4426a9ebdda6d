package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.connect.Endpoint;
import io.github.pgmanaged.conninfo.internal.resolve.Server;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One server to try. A host name may have several addresses; each of them is tried.
 *
 * <p>Thread safety: immutable.
 */
public final class Candidate {
    private final Server server;

    Candidate(Server server) {
        this.server = server;
    }

    /**
     * The name: a host's, or the directory of a Unix-domain socket. It is what the server's certificate and the
     * password file are asked for.
     *
     * @return the name; if only {@code hostaddr} is given, that
     */
    public String host() {
        return server.host();
    }

    /**
     * The address to dial instead of looking the host up.
     *
     * @return the address, if {@code hostaddr} is given
     */
    public Optional<String> hostaddr() {
        return server.hostaddr().isEmpty() ? Optional.empty() : Optional.of(server.hostaddr());
    }

    /**
     * The port, which is a part of the name of a Unix-domain socket, too.
     *
     * @return the port
     */
    public int port() {
        return server.port();
    }

    /**
     * Whether it is a Unix-domain socket: the host begins with a slash, or with an @ for Linux's abstract ones.
     *
     * @return whether it is one
     */
    public boolean isUnixSocket() {
        return server.isUnixSocket();
    }

    /**
     * The addresses that are tried, in the order of the JVM ({@code java.net.preferIPv6Addresses} decides, where libpq
     * leaves it to the system). A host name is looked up.
     *
     * @return literal addresses, or the path of the socket
     * @throws UnknownHostException if there is none; the message is libpq's
     */
    public List<String> addresses() throws UnknownHostException {
        List<String> addresses = new ArrayList<>();
        for (Endpoint endpoint : Endpoint.of(server)) {
            InetAddress address = endpoint.address();
            addresses.add(address == null ? server.socketPath() : address.getHostAddress());
        }
        return addresses;
    }

    /**
     * Where the password for this server comes from.
     *
     * @return the source, if there is a password
     */
    public Optional<Source> passwordSource() {
        return Optional.ofNullable(server.passwordSource());
    }

    /**
     * Why there is no password for this server: which file was read and that no line of it matches, or why it was not
     * read.
     *
     * @return a sentence without its full stop, if there is no password
     */
    public Optional<String> missingPassword() {
        return Optional.ofNullable(server.noPassword());
    }

    Server server() {
        return server;
    }

    /**
     * Where it is: {@code localhost:5432}, or the socket's path.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return server.toString();
    }
}
