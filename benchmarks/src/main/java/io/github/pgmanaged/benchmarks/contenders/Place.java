package io.github.pgmanaged.benchmarks.contenders;

import io.github.pgmanaged.peers.Target;

/**
 * Where the server listens. Every contender gets pgjdbc's connections by the same driver and over the same sockets:
 * ours, so that what is compared is the sharing.
 *
 * @param host a name, or the directory of a Unix-domain socket
 * @param port the port
 */
public record Place(String host, int port) implements Target {
    private static final String USER = "postgres";

    /**
     * Whether it is a Unix-domain socket.
     *
     * @return true if so
     */
    public boolean isSocket() {
        return host.startsWith("/");
    }

    @Override
    public String url() {
        return "jdbc:libpq:" + conninfo();
    }

    @Override
    public String conninfo() {
        return "host=" + host + " port=" + port + " dbname=postgres user=" + USER + " sslmode=disable";
    }

    @Override
    public String user() {
        return USER;
    }

    @Override
    public String password() {
        return "";
    }
}
