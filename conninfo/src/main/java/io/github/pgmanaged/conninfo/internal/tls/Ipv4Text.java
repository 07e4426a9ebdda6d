package io.github.pgmanaged.conninfo.internal.tls;

import org.jspecify.annotations.Nullable;

/** IPv4 addresses as C's {@code inet_aton} reads them: one to four numbers, decimal, octal or hexadecimal. */
final class Ipv4Text {
    private static final int PARTS = 4;
    private static final long LARGEST = 0xffffffffL;

    private Ipv4Text() {}

    /** The address; null if it is none. */
    static byte @Nullable [] parse(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length > PARTS) {
            return null;
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            long number = number(parts[i]);
            boolean last = i == parts.length - 1;
            // The last number fills the bytes that are left.
            long largest = last ? LARGEST >> (8 * i) : 0xff;
            if (number < 0 || number > largest) {
                return null;
            }
            address |= last ? number : number << (24 - 8 * i);
        }
        return new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address};
    }

    private static long number(String text) {
        try {
            if (text.matches("0[xX][0-9A-Fa-f]{1,12}")) {
                return Long.parseLong(text.substring(2), 16);
            }
            if (text.matches("0[0-7]{1,15}")) {
                return Long.parseLong(text, 8);
            }
            return text.matches("0|[1-9][0-9]{0,12}") ? Long.parseLong(text) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
