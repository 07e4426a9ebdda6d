package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.resolve.Server;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One address of a server: what one attempt dials.
 *
 * <p>Thread safety: immutable.
 */
public final class Endpoint {
    /** {@code sizeof(sockaddr_un.sun_path)} less the final zero, on Linux; macOS has 103. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private final Server server;
    private final @Nullable InetAddress address;

    private Endpoint(Server server, @Nullable InetAddress address) {
        this.server = server;
        this.address = address;
    }

    /**
     * The addresses of a server, in the order that the JVM gives them. A host name is looked up.
     *
     * @throws UnknownHostException if there is none; the message is libpq's
     */
    public static List<Endpoint> of(Server server) throws UnknownHostException {
        return of(server, 0);
    }

    /** The same, within nanoseconds; 0 is for ever. */
    static List<Endpoint> of(Server server, long nanos) throws UnknownHostException {
        if (server.isUnixSocket()) {
            String path = server.socketPath();
            if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
                throw new UnknownHostException("Unix-domain socket path \"" + path + "\" is too long (maximum "
                        + LONGEST_SOCKET_PATH + " bytes)");
            }
            return List.of(new Endpoint(server, null));
        }
        String literal = server.hostaddr();
        if (!literal.isEmpty() && !isNumeric(literal)) {
            throw new UnknownHostException("could not parse network address \"" + literal + "\"");
        }
        String name = literal.isEmpty() ? server.host() : literal;
        try {
            List<Endpoint> endpoints = new ArrayList<>();
            InetAddress[] addresses =
                    isNumeric(name) ? InetAddress.getAllByName(name) : NameLookup.addresses(name, nanos);
            for (InetAddress address : addresses) {
                endpoints.add(new Endpoint(server, address));
            }
            return endpoints;
        } catch (UnknownHostException e) {
            UnknownHostException explained = new UnknownHostException(
                    "could not translate host name \"" + name + "\" to address" + reason(name, e));
            explained.initCause(e);
            throw explained;
        }
    }

    /** Of the JVM's message the part that libpq has, too: the system's words. */
    private static String reason(String name, UnknownHostException e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith(name + ": ") ? message.substring(name.length()) : "";
    }

    Server server() {
        return server;
    }

    /** The address; null for a Unix-domain socket. */
    public @Nullable InetAddress address() {
        return address;
    }

    /** The beginning of libpq's messages about a failed attempt. */
    String failed() {
        InetAddress dialled = address;
        if (dialled == null) {
            return "connection to server on socket \"" + server.socketPath() + "\" failed: ";
        }
        String shown = server.hostaddr().isEmpty() ? server.host() : server.hostaddr();
        String literal = AddressText.of(dialled);
        boolean known = !server.hostaddr().isEmpty() || shown.equals(literal);
        return "connection to server at \"" + shown + '"' + (known ? "" : " (" + literal + ')') + ", port "
                + server.port() + " failed: ";
    }

    /** Whether the JVM takes it for an address; else it would look it up as a name. */
    private static boolean isNumeric(String literal) {
        return literal.indexOf(':') >= 0 ? literal.matches("[0-9A-Fa-f:.]+(%.+)?") : isIpv4(literal);
    }

    private static boolean isIpv4(String literal) {
        String[] parts = literal.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            if (!part.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    /**
     * The server and the address.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return address == null ? server.toString() : server + " " + AddressText.of(address);
    }
}
