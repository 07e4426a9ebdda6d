package io.github.pgmanaged.internal.listen;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What the name of a channel may be. The server would cut a longer one in LISTEN, and refuse it in NOTIFY. */
public final class ChannelName {
    private static final int LONGEST = 63;

    private ChannelName() {}

    /**
     * A name that can be one.
     *
     * @throws IllegalArgumentException if it cannot
     */
    public static String checked(@Nullable String channel) {
        if (channel == null || channel.isEmpty()) {
            throw new IllegalArgumentException("channel: must not be null or empty");
        }
        if (channel.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("channel: must not contain the character NUL");
        }
        int bytes = channel.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > LONGEST) {
            throw new IllegalArgumentException("channel: must have " + LONGEST
                    + " bytes at most, as a name of PostgreSQL's, and has " + bytes + ": " + channel);
        }
        return channel;
    }
}
