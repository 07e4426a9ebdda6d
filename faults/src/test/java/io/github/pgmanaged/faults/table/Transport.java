package io.github.pgmanaged.faults.table;

/** How what is said to the server travels. */
enum Transport {
    PLAIN("without TLS"),
    TLS("over TLS");

    private final String text;

    Transport(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
