package io.github.pgmanaged.conninfo;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One address of a candidate: what one attempt dials.
 *
 * <p>Thread safety: immutable.
 */
final class Endpoint {
    /** {@code sizeof(sockaddr_un.sun_path)} less the final zero, on Linux; macOS has 103. */
    private static final int LONGEST_SOCKET_PATH = 107;

    private final Candidate candidate;
    private final @Nullable InetAddress address;

    private Endpoint(Candidate candidate, @Nullable InetAddress address) {
        this.candidate = candidate;
        this.address = address;
    }

    /**
     * The addresses of a candidate, in the order that the JVM gives them. A host name is looked up.
     *
     * @throws UnknownHostException if there is none; the message is libpq's
     */
    static List<Endpoint> of(Candidate candidate) throws UnknownHostException {
        if (candidate.isUnixSocket()) {
            String path = candidate.socketPath();
            if (path.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_PATH) {
                throw new UnknownHostException("Unix-domain socket path \"" + path + "\" is too long (maximum "
                        + LONGEST_SOCKET_PATH + " bytes)");
            }
            return List.of(new Endpoint(candidate, null));
        }
        String literal = candidate.hostaddr().orElse(null);
        if (literal != null && !isNumeric(literal)) {
            throw new UnknownHostException("could not parse network address \"" + literal + "\"");
        }
        String name = literal == null ? candidate.host() : literal;
        try {
            List<Endpoint> endpoints = new ArrayList<>();
            for (InetAddress address : InetAddress.getAllByName(name)) {
                endpoints.add(new Endpoint(candidate, address));
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

    Candidate candidate() {
        return candidate;
    }

    /** The address; null for a Unix-domain socket. */
    @Nullable
    InetAddress address() {
        return address;
    }

    /** The beginning of libpq's messages about a failed attempt. */
    String failed() {
        InetAddress dialled = address;
        if (dialled == null) {
            return "connection to server on socket \"" + candidate.socketPath() + "\" failed: ";
        }
        String shown = candidate.hostaddr().orElse(candidate.host());
        String literal = AddressText.of(dialled);
        boolean known = candidate.hostaddr().isPresent() || shown.equals(literal);
        return "connection to server at \"" + shown + '"' + (known ? "" : " (" + literal + ')') + ", port "
                + candidate.port() + " failed: ";
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
     * The candidate and the address.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return address == null ? candidate.toString() : candidate + " " + AddressText.of(address);
    }
}
