package io.github.pgmanaged.conninfo.internal.resolve;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a file, one at a time: whatever is in the file, and however long it is, little of it is in memory.
 *
 * <p>Thread safety: for one thread.
 */
final class FileLines implements Closeable {
    private static final int AT_ONCE = 8192;

    private final InputStream in;
    private final int longest;
    private final byte[] buffer = new byte[AT_ONCE];
    private int at;
    private int filled;
    private int number;
    private boolean inLongLine;

    /**
     * Opens a file.
     *
     * @param longest in bytes, with the newline
     */
    FileLines(Path file, int longest) throws IOException {
        this.in = Files.newInputStream(file);
        this.longest = longest;
    }

    /**
     * A line.
     *
     * @param number from 1
     * @param text without the newline; bytes that are no UTF-8 become replacement characters
     * @param isUtf8 whether there are no such bytes
     * @param tooLong whether there is more of it
     */
    record Line(int number, String text, boolean isUtf8, boolean tooLong) {}

    /** The next line; null at the end. */
    @Nullable
    Line next() throws IOException {
        if (inLongLine) {
            take(null, Long.MAX_VALUE);
        }
        if (!fill()) {
            return null;
        }
        number++;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean ended = take(line, longest);
        inLongLine = !ended && fill();
        return new Line(number, line.toString(StandardCharsets.UTF_8), isUtf8(line.toByteArray()), inLongLine);
    }

    private static boolean isUtf8(byte[] line) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .hasArray();
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Takes up to the newline or the end, but not more than so many bytes; tells whether there was a newline. */
    private boolean take(@Nullable ByteArrayOutputStream line, long most) throws IOException {
        long left = most;
        while (left > 0 && fill()) {
            int begin = at;
            int end = (int) Math.min(filled, begin + Math.min(left, AT_ONCE));
            while (at < end && buffer[at] != '\n') {
                at++;
            }
            if (line != null) {
                line.write(buffer, begin, at - begin);
            }
            left -= at - begin;
            if (at < end) {
                at++;
                return true;
            }
        }
        return false;
    }

    private boolean fill() throws IOException {
        if (at == filled) {
            at = 0;
            filled = Math.max(0, in.read(buffer));
        }
        return filled > 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
