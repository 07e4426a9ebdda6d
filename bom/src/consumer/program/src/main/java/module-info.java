module shop {
    requires io.github.pgmanaged;
    requires io.github.pgmanaged.micrometer;
}
