package io.github.pgmanaged.junit.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Stacks as a reader wants them: what the application did, and what of a framework was in between. */
final class Stacks {
    private static final List<String> OURS = List.of(
            "io.github.pgmanaged.internal.",
            "io.github.pgmanaged.ManagedConnection",
            "io.github.pgmanaged.junit.internal.",
            "io.github.pgmanaged.junit.OneConnection.");

    /** Of these, runs of frames are cut short. */
    private static final List<String> FRAMEWORKS = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "com.zaxxer.",
            "io.micrometer.",
            "io.netty.",
            "jakarta.",
            "kotlin.",
            "kotlinx.",
            "liquibase.",
            "net.bytebuddy.",
            "org.apache.",
            "org.flywaydb.",
            "org.hibernate.",
            "org.jooq.",
            "org.mybatis.",
            "org.postgresql.",
            "org.springframework.",
            "reactor.");

    private Stacks() {}

    /** That of the current thread, without what is ours. */
    static List<StackTraceElement> here() {
        return Stream.of(new Throwable().getStackTrace())
                .dropWhile(Stacks::isOurs)
                .toList();
    }

    static List<StackTraceElement> of(Thread thread) {
        return Arrays.asList(thread.getStackTrace());
    }

    /** Whether a thread sleeps, as opposed to waiting for something: by its stack. */
    static boolean isSleeping(List<StackTraceElement> stack) {
        return stack.stream()
                .takeWhile(Stacks::isJdk)
                .anyMatch(frame -> frame.getClassName().equals(Thread.class.getName())
                        && frame.getMethodName().startsWith("sleep"));
    }

    /** A line for each frame, from the innermost call to the test's method. */
    static List<String> shown(List<StackTraceElement> stack) {
        List<StackTraceElement> frames = withoutJUnit(stack).stream()
                .filter(frame -> !isReflection(frame))
                .toList();
        List<String> lines = new ArrayList<>();
        int at = 0;
        while (at < frames.size()) {
            int next = at + 1;
            Optional<String> framework = framework(frames.get(at));
            if (framework.isPresent()) {
                while (next < frames.size() && framework(frames.get(next)).equals(framework)) {
                    next++;
                }
            }
            int more = next - at - 1;
            if (more <= 2) {
                frames.subList(at, next).forEach(frame -> lines.add("at " + text(frame)));
            } else { // where the framework began, and what of it called out
                lines.add("at " + text(frames.get(at)));
                lines.add("   (" + (more - 1) + " more of " + framework.orElse("") + "*)");
                lines.add("at " + text(frames.get(next - 1)));
            }
            at = next;
        }
        return lines;
    }

    private static List<StackTraceElement> withoutJUnit(List<StackTraceElement> stack) {
        int end = 0;
        while (end < stack.size() && !stack.get(end).getClassName().startsWith("org.junit.platform.")) {
            end++;
        }
        if (end < stack.size()) {
            while (end > 0 && isReflection(stack.get(end - 1))) {
                end--;
            }
        }
        int begin = 0;
        while (begin < end && isOurs(stack.get(begin))) {
            begin++;
        }
        return stack.subList(begin, end);
    }

    private static Optional<String> framework(StackTraceElement frame) {
        return FRAMEWORKS.stream().filter(frame.getClassName()::startsWith).findFirst();
    }

    private static boolean isOurs(StackTraceElement frame) {
        return OURS.stream().anyMatch((frame.getClassName() + ".")::startsWith);
    }

    private static boolean isReflection(StackTraceElement frame) {
        return frame.getClassName().startsWith("java.lang.reflect.")
                || frame.getClassName().startsWith("jdk.internal.reflect.");
    }

    private static boolean isJdk(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }

    /** As an IDE makes a link of it: without module and class loader. */
    private static String text(StackTraceElement frame) {
        String file = frame.getFileName();
        String place = frame.isNativeMethod()
                ? "Native Method"
                : file == null
                        ? "Unknown Source"
                        : frame.getLineNumber() < 0 ? file : file + ":" + frame.getLineNumber();
        return frame.getClassName() + "." + frame.getMethodName() + "(" + place + ")";
    }
}
