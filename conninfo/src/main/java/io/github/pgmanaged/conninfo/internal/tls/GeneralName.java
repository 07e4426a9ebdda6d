package io.github.pgmanaged.conninfo.internal.tls;

/** A name as certificates have them, in its bytes: Java's own classes change some of them, and refuse others. */
final class GeneralName {
    static final int EMAIL = 1;
    static final int DNS = 2;
    static final int DIRECTORY = 4;
    static final int URI = 6;
    static final int IP = 7;

    private static final int NUMBER = 0x1f;
    private static final int CONSTRUCTED = 0x20;

    private final int type;
    private final byte[] value;

    GeneralName(int type, byte[] value) {
        this.type = type;
        this.value = value;
    }

    /** Takes the next one. */
    static GeneralName next(Der from) {
        int tag = from.nextTag();
        if ((tag & ~(NUMBER | CONSTRUCTED)) != 0x80) {
            throw new IllegalArgumentException("a tag in DER is not the expected one");
        }
        return new GeneralName(tag & NUMBER, from.next().content());
    }

    /** One of the constants, or another that is of no interest here. */
    int type() {
        return type;
    }

    byte[] value() {
        return value;
    }
}
