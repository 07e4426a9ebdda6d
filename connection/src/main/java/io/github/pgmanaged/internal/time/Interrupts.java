package io.github.pgmanaged.internal.time;

/**
 * Keeps the thread's interrupts for later: a release has to finish what it began, and an interrupted virtual thread
 * cannot read from a socket.
 *
 * <p>Thread safety: none; it belongs to the thread that made it.
 */
public final class Interrupts {
    private boolean interrupted;

    private Interrupts() {
        keepAnother();
    }

    /** Clears the thread's interrupt flag, which {@link #restore} sets again. */
    public static Interrupts keep() {
        return new Interrupts();
    }

    /** Clears the flag once more, for one that came meanwhile. */
    public void keepAnother() {
        interrupted |= Thread.interrupted();
    }

    /** An {@link InterruptedException} was caught, which has cleared the flag. */
    void caught() {
        interrupted = true;
    }

    /** Sets the flag again, if it was set. */
    public void restore() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
