package io.github.pgmanaged.conninfo;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One server to try. A host name may have several addresses; each of them is tried.
 *
 * <p>Thread safety: immutable.
 */
public final class Candidate {
    private final String host;
    private final String hostaddr;
    private final String port;
    private final @Nullable String password;
    private final @Nullable Source passwordSource;

    Candidate(String host, String hostaddr, String port, @Nullable String password, @Nullable Source passwordSource) {
        this.host = host;
        this.hostaddr = hostaddr;
        this.port = port;
        this.password = password;
        this.passwordSource = passwordSource;
    }

    /**
     * The name: a host's, or the directory of a Unix-domain socket. It is what the server's certificate and the
     * password file are asked for.
     *
     * @return the name; if only {@code hostaddr} is given, that
     */
    public String host() {
        return host.isEmpty() ? hostaddr : host;
    }

    /**
     * The address to dial instead of looking the host up.
     *
     * @return the address, if {@code hostaddr} is given
     */
    public Optional<String> hostaddr() {
        return hostaddr.isEmpty() ? Optional.empty() : Optional.of(hostaddr);
    }

    /**
     * The port, which is a part of the name of a Unix-domain socket, too.
     *
     * @return the port
     */
    public int port() {
        return Numbers.parse(port, Keyword.PORT);
    }

    /**
     * Whether it is a Unix-domain socket: the host begins with a slash, or with an @ for Linux's abstract ones.
     *
     * @return whether it is one
     */
    public boolean isUnixSocket() {
        return hostaddr.isEmpty() && isSocketDirectory(host);
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
        for (Endpoint endpoint : Endpoint.of(this)) {
            InetAddress address = endpoint.address();
            addresses.add(address == null ? socketPath() : address.getHostAddress());
        }
        return addresses;
    }

    /**
     * Where the password for this server comes from.
     *
     * @return the source, if there is a password
     */
    public Optional<Source> passwordSource() {
        return Optional.ofNullable(passwordSource);
    }

    @Nullable
    String password() {
        return password;
    }

    /** The path of the socket; an abstract one begins with an @. */
    String socketPath() {
        return host + "/.s.PGSQL." + port();
    }

    static boolean isSocketDirectory(String host) {
        return host.startsWith("/") || host.startsWith("@");
    }

    /**
     * Where it is: {@code localhost:5432}, or the socket's path.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        if (isUnixSocket()) {
            return socketPath();
        }
        String name = host().indexOf(':') >= 0 ? '[' + host() + ']' : host();
        return name + ':' + port() + (host.isEmpty() || hostaddr.isEmpty() ? "" : " (" + hostaddr + ')');
    }
}
