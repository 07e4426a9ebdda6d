/** Connection strings of PostgreSQL for Java. It knows nothing of managed connections. */
module io.github.pgmanaged.conninfo {
    requires transitive java.sql;
    requires java.naming;
    requires org.postgresql.jdbc;
    requires static org.jspecify;

    exports io.github.pgmanaged.conninfo;
}
