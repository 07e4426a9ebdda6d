/** One PostgreSQL connection, shared by every thread, never handed over with a transaction in progress. */
module io.github.pgmanaged {
    requires transitive java.sql;
    requires transitive io.github.pgmanaged.conninfo;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires static org.jspecify;
    requires static java.compiler;

    exports io.github.pgmanaged;
}
