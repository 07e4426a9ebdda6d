package io.github.pgmanaged.faults.proxy;

import java.util.function.Predicate;

/**
 * When to strike: at the next message that fits.
 *
 * @param message which message
 * @param passing how many bytes of it pass before
 */
public record Moment(Predicate<Message> message, int passing) {
    /** Before any of it passes. */
    public static Moment before(Predicate<Message> message) {
        return new Moment(message, 0);
    }

    /** After a part of it has passed. */
    public static Moment within(Predicate<Message> message, int passing) {
        return new Moment(message, passing);
    }

    /** After it has passed, and before anything passes the other way. */
    public static Moment after(Predicate<Message> message) {
        return new Moment(message, Integer.MAX_VALUE);
    }
}
