/** Runs an application's tests on one connection, and names what wanted another. For JUnit Jupiter. */
module io.github.pgmanaged.junit {
    requires transitive io.github.pgmanaged;
    requires transitive org.junit.jupiter.api;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.github.pgmanaged.junit;
}
