package io.github.pgmanaged.peers;

/** Where a peer is to connect to, and as whom. */
public interface Target {
    /**
     * For the peers that take a JDBC URL.
     *
     * @return the URL
     */
    String url();

    /**
     * For us.
     *
     * @return a connection string
     */
    String conninfo();

    /**
     * Who connects.
     *
     * @return the user
     */
    String user();

    /**
     * The password.
     *
     * @return the password; the server need not ask for it
     */
    String password();
}
