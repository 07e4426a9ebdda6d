package io.github.pgmanaged.internal.fence;

import io.github.pgmanaged.internal.time.Throwables;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyManager;

/**
 * Where an exception comes from: whether the driver may have been in the middle of an exchange with the server when it
 * was raised.
 *
 * <p>The driver's protocol engine leaves nothing half said when it raises an error of its own kind. Anything else that
 * passes through it (an exception of a stream that it reads a parameter from, an Error) may leave half a message
 * behind, or an answer unread; and the driver goes on as if nothing had happened.
 */
final class ErrorOrigin {
    private static final String ENGINE = "org.postgresql.core.v3.QueryExecutorImpl";
    private static final String STREAM = "org.postgresql.core.PGStream";

    /** What is between the method that called the driver and this. */
    private static final Set<String> CATCHERS = Set.of(Fence.class.getName(), Failures.class.getName());

    private ErrorOrigin() {}

    /**
     * Whether an exception, and each of its causes, was raised by this very call and outside the driver's protocol
     * engine. Their stacks say so; an exception without a stack, or one that was made before and is only thrown now,
     * says nothing.
     *
     * @param here made where the exception was caught, in a method of {@link Fence} or {@link Failures}
     */
    static boolean isOutsideEngine(Throwable thrown, Throwable here) {
        StackTraceElement[] stack = here.getStackTrace();
        int catcher = 0;
        while (catcher < stack.length && CATCHERS.contains(stack[catcher].getClassName())) {
            catcher++;
        }
        for (Throwable each : Throwables.chain(thrown)) {
            if (each instanceof VirtualMachineError || !isOutsideEngine(stackOf(each), stack, catcher)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether the driver raised an error because a copy did not start as it thought, and left a copy under way that
     * nobody can end, or an answer unread: as with {@code copyIn} of a COPY TO, or with a COPY behind another
     * statement. A text that starts no copy at all is read to its end.
     */
    static boolean isOfCopyStart(Throwable error, @Nullable String text) {
        StackTraceElement[] stack = stackOf(error);
        return (stack.length > 0 && stack[0].getClassName().equals(CopyManager.class.getName()))
                || ((text == null || SqlText.hasLaterCopy(text))
                        && Arrays.stream(stack)
                                .anyMatch(frame -> frame.getClassName().equals(ENGINE)
                                        && frame.getMethodName().equals("startCopy")));
    }

    /** Of a foreign exception, which may not give it. */
    private static StackTraceElement[] stackOf(Throwable thrown) {
        try {
            return thrown.getStackTrace().clone();
        } catch (Throwable t) { // a checked one that is not declared, too
            return new StackTraceElement[0];
        }
    }

    /** Below the method that has caught it, the stack must be the same; there, only the line may differ. */
    private static boolean isOutsideEngine(StackTraceElement[] raised, StackTraceElement[] here, int catcher) {
        int above = raised.length - (here.length - catcher);
        if (catcher == here.length
                || above < 0
                || !raised[above].getClassName().equals(here[catcher].getClassName())
                || !raised[above].getMethodName().equals(here[catcher].getMethodName())
                || !Arrays.equals(raised, above + 1, raised.length, here, catcher + 1, here.length)) {
            return false;
        }
        return Arrays.stream(raised, 0, above)
                .map(StackTraceElement::getClassName)
                .noneMatch(name -> name.startsWith(ENGINE) || name.equals(STREAM));
    }
}
