/** Connection strings of PostgreSQL for Java. It knows nothing of managed connections. */
@SuppressWarnings("module") // the manager, which comes later
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

    exports io.github.pgmanaged.conninfo;
    // pgjdbc makes the socket factories by their names.
    exports io.github.pgmanaged.conninfo.net to
            org.postgresql.jdbc;
    exports io.github.pgmanaged.conninfo.internal.net to
            io.github.pgmanaged;
    exports io.github.pgmanaged.conninfo.tls to
            org.postgresql.jdbc;
}
