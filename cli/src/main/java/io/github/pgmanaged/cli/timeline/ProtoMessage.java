package io.github.pgmanaged.cli.timeline;

/** A message of Protocol Buffers: numbers, texts and messages, each after its field's number and wire type. */
final class ProtoMessage extends Varints {
    private static final int TYPE_BITS = 3;
    private static final int VARINT = 0;
    private static final int BLOCK = 2;

    void field(int number, long value) {
        number(((long) number << TYPE_BITS) | VARINT);
        number(value);
    }

    void text(int number, String text) {
        number(((long) number << TYPE_BITS) | BLOCK);
        text(text);
    }

    void message(int number, ProtoMessage message) {
        number(((long) number << TYPE_BITS) | BLOCK);
        block(message.toByteArray());
    }
}
