/** One PostgreSQL connection, shared by many threads. Each lease is exclusive and starts outside a transaction. */
@SuppressWarnings("module") // those that it exports to are compiled later
module io.github.pgmanaged {
    requires transitive java.sql;
    requires transitive io.github.pgmanaged.conninfo;
    requires org.postgresql.jdbc;
    requires org.slf4j;
    requires static org.jspecify;
    requires static java.compiler;
    requires static java.management;
    requires static jdk.jfr;

    exports io.github.pgmanaged;
    exports io.github.pgmanaged.internal to
            io.github.pgmanaged.micrometer,
            io.github.pgmanaged.junit;
}
