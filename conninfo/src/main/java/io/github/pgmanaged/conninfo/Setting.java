package io.github.pgmanaged.conninfo;

import io.github.pgmanaged.conninfo.internal.parse.Display;
import io.github.pgmanaged.conninfo.internal.parse.UriSecrets;

/**
 * The value of a keyword, and where it comes from.
 *
 * <p>Thread safety: immutable.
 *
 * @param keyword the keyword
 * @param value its value as it is, even if it is a secret
 * @param source where the value comes from
 */
public record Setting(Keyword keyword, String value, Source source) {
    /**
     * The value as it may be shown: a secret is {@code ***}.
     *
     * @return the value, or the mask
     */
    public String shownValue() {
        return Display.isSecret(keyword.word(), value) ? UriSecrets.MASK : value;
    }

    /**
     * Keyword, shown value and source.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return keyword + "=" + shownValue() + " (" + source + ')';
    }
}
