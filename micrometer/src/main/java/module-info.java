/** The metrics of a managed connection, for Micrometer. */
module io.github.pgmanaged.micrometer {
    requires transitive io.github.pgmanaged;
    requires transitive micrometer.core;
    requires static org.jspecify;

    exports io.github.pgmanaged.micrometer;
}
