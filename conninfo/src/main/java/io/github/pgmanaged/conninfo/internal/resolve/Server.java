package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Source;
import io.github.pgmanaged.conninfo.internal.parse.Numbers;
import org.jspecify.annotations.Nullable;

/**
 * One server to try, and the password for it.
 *
 * <p>Thread safety: immutable.
 *
 * @param givenHost the host; empty if only an address is given
 * @param hostaddr the address to dial; empty if the host is to be looked up
 * @param givenPort as it was written
 * @param passwordSource where the password comes from, if there is one
 * @param noPassword why there is no password, if there is none
 */
public record Server(
        String givenHost,
        String hostaddr,
        String givenPort,
        @Nullable String password,
        @Nullable Source passwordSource,
        @Nullable String noPassword) {

    /** The name that the certificate and the password file are asked for; if only an address is given, that. */
    public String host() {
        return givenHost.isEmpty() ? hostaddr : givenHost;
    }

    public int port() {
        return Numbers.parse(givenPort, Keyword.PORT);
    }

    /** Whether it is a Unix-domain socket: the host begins with a slash, or with an @ for Linux's abstract ones. */
    public boolean isUnixSocket() {
        return hostaddr.isEmpty() && (givenHost.startsWith("/") || givenHost.startsWith("@"));
    }

    /** The path of the socket; an abstract one begins with an @. */
    public String socketPath() {
        return givenHost + "/.s.PGSQL." + port();
    }

    /** Where it is, without the password. */
    @Override
    public String toString() {
        if (isUnixSocket()) {
            return socketPath();
        }
        String name = host().indexOf(':') >= 0 ? '[' + host() + ']' : host();
        return name + ':' + port() + (givenHost.isEmpty() || hostaddr.isEmpty() ? "" : " (" + hostaddr + ')');
    }
}
