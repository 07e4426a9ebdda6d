package io.github.pgmanaged.conninfo.internal.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The blocks of a PEM file. Text around the blocks is skipped, as OpenSSL does. */
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    private Pem() {}

    /**
     * Finds the blocks.
     *
     * @param file the file's content
     * @return its blocks, in order; none if it is no PEM file
     * @throws IllegalArgumentException if a block is broken; the message quotes nothing of it
     */
    static List<Block> blocks(byte[] file) {
        List<Block> blocks = new ArrayList<>();
        String label = null;
        StringBuilder base64 = new StringBuilder();
        boolean headers = false;
        for (String raw : (Iterable<String>) new String(file, StandardCharsets.ISO_8859_1).lines()::iterator) {
            String line = raw.stripTrailing();
            if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
                label = line.substring(BEGIN.length(), line.length() - DASHES.length());
                base64.setLength(0);
                headers = false;
            } else if (label != null && line.equals(END + label + DASHES)) {
                blocks.add(new Block(label, headers, headers ? null : decode(base64)));
                label = null;
            } else if (line.indexOf(':') >= 0) {
                headers = true;
            } else {
                base64.append(line);
            }
        }
        if (label != null) {
            throw new IllegalArgumentException("a PEM block has no end");
        }
        return blocks;
    }

    private static byte[] decode(StringBuilder base64) {
        try {
            return Base64.getDecoder().decode(base64.toString());
        } catch (IllegalArgumentException e) {
            // Its message quotes a character of what may be a key.
            throw new IllegalArgumentException("a PEM block is not in base64");
        }
    }

    /** One block. */
    static final class Block {
        private final String label;
        private final boolean headers;
        private final byte @Nullable [] der;

        private Block(String label, boolean headers, byte @Nullable [] der) {
            this.label = label;
            this.headers = headers;
            this.der = der;
        }

        String label() {
            return label;
        }

        /** Whether it has headers, which says that it is encrypted in the traditional way. */
        boolean hasHeaders() {
            return headers;
        }

        byte[] der() {
            if (der == null) {
                throw new IllegalArgumentException("a PEM block has headers");
            }
            return der;
        }
    }
}
