package io.github.pgmanaged.cli.timeline;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;

/** Numbers in seven bits a byte, the low ones first, as Protocol Buffers have them, too; and texts by their length. */
class Varints {
    private static final int LOW = 0x7f;
    private static final int MORE = 0x80;
    private static final int BITS = 7;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A number; a negative one takes ten bytes. */
    final void number(long value) {
        long left = value;
        while ((left & ~LOW) != 0) {
            bytes.write((int) (left & LOW) | MORE);
            left >>>= BITS;
        }
        bytes.write((int) left);
    }

    final void text(String text) {
        block(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes, after their number. */
    final void block(byte[] block) {
        number(block.length);
        bytes.writeBytes(block);
    }

    /** A number of each. */
    final <T> void column(Iterable<T> rows, ToLongFunction<T> value) {
        for (T row : rows) {
            number(value.applyAsLong(row));
        }
    }

    final byte[] toByteArray() {
        return bytes.toByteArray();
    }
}
