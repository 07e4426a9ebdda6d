package io.github.pgmanaged.peers;

/**
 * Where a peer is to connect to.
 *
 * @param port the server's, on the loopback address
 * @param database the cell's own
 * @param user who connects
 * @param password a secret of this cell; the server does not ask for it
 * @param passwordInUrl whether the URL carries it, too
 */
public record Target(int port, String database, String user, String password, boolean passwordInUrl) {
    /**
     * For the peers that take a JDBC URL.
     *
     * @return the URL
     */
    public String url() {
        String url = "jdbc:postgresql://localhost:" + port + "/" + database;
        return passwordInUrl ? url + "?user=" + user + "&password=" + password : url;
    }

    /**
     * For us.
     *
     * @return a connection string; the URL, if that is to carry the password
     */
    public String conninfo() {
        return passwordInUrl ? url() : "postgres://" + user + ":" + password + "@localhost:" + port + "/" + database;
    }

    /**
     * The same with the password in the URL.
     *
     * @return another target
     */
    public Target withPasswordInUrl() {
        return new Target(port, database, user, password, true);
    }

    /**
     * The same with a database that does not exist.
     *
     * @return another target
     */
    public Target withoutDatabase() {
        return new Target(port, "no_such_database", user, password, passwordInUrl);
    }
}
