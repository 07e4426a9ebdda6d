package io.github.pgmanaged.internal.lease;

import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.fence.SqlText;
import io.github.pgmanaged.internal.time.Threads;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a message says of a live lease: what it did last, and where its thread is. */
final class HolderText {
    private static final List<String> OURS =
            List.of("io.github.pgmanaged.internal.", "io.github.pgmanaged.ManagedConnection");

    /** Well-known programs that stand between an application and its data source. */
    private static final List<String> BETWEEN = List.of(
            "com.p6spy.",
            "com.sun.proxy.",
            "com.zaxxer.hikari.",
            "io.micrometer.",
            "io.opentelemetry.",
            "jakarta.",
            "liquibase.",
            "net.ttddyy.",
            "org.aopalliance.",
            "org.apache.catalina.",
            "org.apache.ibatis.",
            "org.apache.tomcat.",
            "org.flywaydb.",
            "org.hibernate.",
            "org.jdbi.",
            "org.jooq.",
            "org.mybatis.",
            "org.quartz.",
            "org.springframework.");

    private HolderText() {}

    /** What the lease is doing, or did last, and whether it is in a transaction. */
    static String doing(@Nullable FencedConnection lease) {
        if (lease == null) {
            return "nothing refers to it any more";
        }
        String call = lease.fence().seen().lastCall();
        String last = call == null ? "nothing yet" : SqlText.shown(call);
        return switch (lease.fence().sessionStatus()) {
            case ACTIVE -> "under way: " + last;
            case IN_TRANSACTION -> "idle in a transaction after: " + last;
            case IN_ERROR -> "idle in a failed transaction after: " + last;
            case IDLE, CLOSED -> "idle after: " + last;
        };
    }

    /**
     * Where a thread is: in the application's own code, if some is on the stack; and what it calls of the JDK's there.
     * Else in what was generated of that, as for a transaction; else in whatever is neither the JDK's, nor the
     * driver's, nor ours. Empty without a stack.
     */
    static String place(List<StackTraceElement> stack) {
        int at = first(stack, frame -> isApplications(frame) && !isGenerated(frame));
        at = at >= 0 ? at : first(stack, HolderText::isApplications);
        at = at >= 0 ? at : first(stack, HolderText::isUsers);
        if (at < 0) {
            return stack.isEmpty() ? "" : Threads.shown(stack.get(0));
        }
        StackTraceElement called = at == 0 || !isJdk(stack.get(at - 1)) ? null : stack.get(at - 1);
        return Threads.shown(stack.get(at))
                + (called == null ? "" : " in " + called.getClassName() + "." + called.getMethodName());
    }

    private static int first(List<StackTraceElement> stack, Predicate<StackTraceElement> wanted) {
        for (int at = 0; at < stack.size(); at++) {
            if (wanted.test(stack.get(at))) {
                return at;
            }
        }
        return -1;
    }

    /** Whether a thread sleeps, as opposed to waiting for another. */
    static boolean isSleeping(List<StackTraceElement> stack) {
        return stack.stream()
                .takeWhile(HolderText::isJdk)
                .anyMatch(frame -> frame.getClassName().equals(Thread.class.getName())
                        && frame.getMethodName().startsWith("sleep"));
    }

    private static boolean isApplications(StackTraceElement frame) {
        return isUsers(frame) && BETWEEN.stream().noneMatch(frame.getClassName()::startsWith);
    }

    /** Proxies of CGLIB, Byte Buddy, Hibernate and the JDK, which have no lines that anybody has written. */
    private static boolean isGenerated(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.contains("$$") || name.contains("$Proxy") || "<generated>".equals(frame.getFileName());
    }

    private static boolean isUsers(StackTraceElement frame) {
        String name = frame.getClassName();
        return !isJdk(frame) && !name.startsWith("org.postgresql.") && !isOurs(frame);
    }

    /** Whether a frame is the library's own. */
    static boolean isOurs(StackTraceElement frame) {
        return OURS.stream().anyMatch(frame.getClassName()::startsWith);
    }

    private static boolean isJdk(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }
}
