open module shop.tested {
    requires io.github.pgmanaged.junit;
}
