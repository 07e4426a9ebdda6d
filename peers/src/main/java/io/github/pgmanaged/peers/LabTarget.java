package io.github.pgmanaged.peers;

/**
 * A cell's own database, where a peer is to connect to.
 *
 * @param port the server's, on the loopback address
 * @param database the cell's own
 * @param user who connects
 * @param password a secret of this cell; the server does not ask for it
 * @param passwordInUrl whether the URL carries it, too
 */
public record LabTarget(int port, String database, String user, String password, boolean passwordInUrl)
        implements Target {
    @Override
    public String url() {
        String url = "jdbc:postgresql://localhost:" + port + "/" + database;
        return passwordInUrl ? url + "?user=" + user + "&password=" + password : url;
    }

    /** The URL, if that is to carry the password. */
    @Override
    public String conninfo() {
        return passwordInUrl ? url() : "postgres://" + user + ":" + password + "@localhost:" + port + "/" + database;
    }

    /**
     * The same with the password in the URL.
     *
     * @return another target
     */
    public LabTarget withPasswordInUrl() {
        return new LabTarget(port, database, user, password, true);
    }

    /**
     * The same with a database that does not exist.
     *
     * @return another target
     */
    public LabTarget withoutDatabase() {
        return new LabTarget(port, "no_such_database", user, password, passwordInUrl);
    }
}
