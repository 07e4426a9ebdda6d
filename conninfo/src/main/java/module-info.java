/** Connection strings of PostgreSQL for Java. It knows nothing of managed connections. */
// The manager, to which a package is exported, is compiled after this module.
@SuppressWarnings("module")
module io.github.pgmanaged.conninfo {
    requires transitive java.sql;
    requires java.naming;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires org.newsclub.net.unix;
    // Nothing of it is called; the library is in it.
    requires com.kohlschutter.junixsocket.nativecommon;
    requires jdk.net;
    requires static org.jspecify;

    provides java.sql.Driver with
            io.github.pgmanaged.conninfo.LibpqDriver;

    exports io.github.pgmanaged.conninfo;
    // pgjdbc makes the socket factories by their names.
    // The manager owns the sockets of its session.
    exports io.github.pgmanaged.conninfo.internal.net to
            org.postgresql.jdbc,
            io.github.pgmanaged;
    exports io.github.pgmanaged.conninfo.internal.tls to
            org.postgresql.jdbc;
}
