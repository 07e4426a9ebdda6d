package io.github.pgmanaged.conninfo.internal.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/** As much of ASN.1's DER as it takes to tell private keys apart, to wrap them, and to read a certificate's names. */
final class Der {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;

    private final byte[] bytes;
    private final int end;
    private int position;

    private Der(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.position = from;
        this.end = end;
    }

    static Der of(byte[] bytes) {
        return new Der(bytes, 0, bytes.length);
    }

    boolean hasNext() {
        return position < end;
    }

    int nextTag() {
        if (!hasNext()) {
            throw new IllegalArgumentException("DER ends too early");
        }
        return bytes[position] & 0xff;
    }

    /** Takes the next value and gives its content. */
    Der next() {
        nextTag();
        int at = position + 1;
        int length = at < end ? bytes[at++] & 0xff : -1;
        if (length > 0x80 && length <= 0x83) {
            int count = length - 0x80;
            length = 0;
            for (; count > 0; count--) {
                length = at < end ? (length << 8) | (bytes[at++] & 0xff) : -1;
            }
        } else if (length >= 0x80) {
            length = -1;
        }
        if (length < 0 || length > end - at) {
            throw new IllegalArgumentException("a length in DER is wrong");
        }
        position = at + length;
        return new Der(bytes, at, position);
    }

    /** Takes the next value if it has the tag, or complains. */
    Der next(int tag) {
        if (nextTag() != tag) {
            throw new IllegalArgumentException("a tag in DER is not the expected one");
        }
        return next();
    }

    byte[] content() {
        byte[] content = new byte[end - position];
        System.arraycopy(bytes, position, content, 0, content.length);
        return content;
    }

    static byte[] encode(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.size() < 0x80) {
            out.write(content.size());
        } else {
            byte[] length = BigInteger.valueOf(content.size()).toByteArray();
            int from = length[0] == 0 ? 1 : 0;
            out.write(0x80 + length.length - from);
            out.write(length, from, length.length - from);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
