package io.github.pgmanaged.internal.time;

/**
 * Finds out whether a thread has stack enough for an exchange with the server. A StackOverflowError in the middle of
 * one could strike inside a lock and leave it locked for ever, so it is provoked before, where it does no harm.
 */
public final class StackRoom {
    /** Each frame of the probe takes some hundred bytes at least; an exchange through TLS has some ninety frames. */
    private static final int FRAMES = 400;

    /** The way to a lock of the driver's has some ten frames, which are larger while they are interpreted. */
    private static final int FRAMES_OF_LOCK = 80;

    private StackRoom() {}

    /** Whether there is room. It takes about a microsecond, and whatever was in the nearest cache. */
    public static boolean isEnough() {
        return isEnough(FRAMES);
    }

    /** Whether there is room to take a lock of the driver's for a moment, and to let go of it. */
    public static boolean isEnoughForLock() {
        return isEnough(FRAMES_OF_LOCK);
    }

    private static boolean isEnough(int frames) {
        try {
            return probe(frames, 1, 2, 3, 4, 5, 6, 7) != 0;
        } catch (StackOverflowError e) {
            return false;
        }
    }

    // The parameters take room on the stack, and the result depends on all of them, so that none is optimized away.
    private static long probe(int frames, long a, long b, long c, long d, long e, long f, long g) {
        return frames == 0 ? a | b | c | d | e | f | g : probe(frames - 1, b + 1, c, d, e, f, g, a) + frames | 1;
    }
}
