package io.github.pgmanaged.conninfo.internal.parse;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Decodes a part of a URI as libpq's {@code conninfo_uri_decode} does: {@code +} is itself, outer blanks go. */
final class PercentDecoder {
    private PercentDecoder() {}

    /**
     * Decodes.
     *
     * @param encoded the part
     * @param hidden whether it must not be quoted in an error
     */
    static String decode(String encoded, boolean hidden) {
        int begin = 0;
        while (begin < encoded.length() && encoded.charAt(begin) == ' ') {
            begin++;
        }
        int end = begin;
        while (end < encoded.length() && encoded.charAt(end) != ' ') {
            // Spaces are looked at only after the escapes before them, so that the first error is libpq's.
            if (encoded.charAt(end) == '%') {
                check(encoded, end, hidden);
                end += 2;
            }
            end++;
        }
        for (int i = end; i < encoded.length(); i++) {
            if (encoded.charAt(i) != ' ') {
                throw new InvalidConnInfoException("unexpected spaces found in " + quoted(encoded, hidden)
                        + ", use percent-encoded spaces (%20) instead");
            }
        }
        String bare = encoded.substring(begin, end);
        return bare.indexOf('%') < 0 ? bare : decodeEscapes(bare, quoted(encoded, hidden));
    }

    private static void check(String encoded, int percent, boolean hidden) {
        int high = hex(encoded, percent + 1);
        int low = hex(encoded, percent + 2);
        if (high < 0 || low < 0) {
            throw new InvalidConnInfoException("invalid percent-encoded token: " + quoted(encoded, hidden));
        }
        if (high == 0 && low == 0) {
            throw new InvalidConnInfoException(
                    "forbidden value %00 in percent-encoded value: " + quoted(encoded, hidden));
        }
    }

    private static String decodeEscapes(String encoded, String quoted) {
        byte[] raw = encoded.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '%') {
                bytes.write((hex(raw[i + 1]) << 4) | hex(raw[i + 2]));
                i += 2;
            } else {
                bytes.write(raw[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidConnInfoException("percent-encoded value is not valid UTF-8: " + quoted);
        }
    }

    private static String quoted(String encoded, boolean hidden) {
        return '"' + (hidden ? UriSecrets.MASK : encoded) + '"';
    }

    private static int hex(String text, int index) {
        return index < text.length() ? hex(text.charAt(index)) : -1;
    }

    /** {@link Character#digit} would take the digits of every script. */
    private static int hex(int c) {
        return c >= '0' && c <= '9'
                ? c - '0'
                : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
