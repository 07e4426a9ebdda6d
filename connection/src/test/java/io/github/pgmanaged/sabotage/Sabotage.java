package io.github.pgmanaged.sabotage;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.isNative;
import static net.bytebuddy.matcher.ElementMatchers.isTypeInitializer;
import static net.bytebuddy.matcher.ElementMatchers.nameContains;
import static net.bytebuddy.matcher.ElementMatchers.nameStartsWith;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;

/**
 * Throws an Error at the nth step of the library's own code, or at some from the nth on, whichever thread makes them. A
 * step is the beginning of a method or a constructor, the start of a thread among them.
 *
 * <p>Left out are the counters (a count that fails is a count that is wrong, and no more), the log, and the recursion
 * that measures the stack.
 */
public final class Sabotage {
    private static final String LIBRARY = "io.github.pgmanaged.";

    /** Makes every thread of the library's. */
    private static final String THREADS = LIBRARY + "internal.time.Threads.daemon";

    /** A method that is called in a loop, as for each row of an answer, is struck in its first calls only. */
    private static final int CALLS_EACH = 6;

    private static final AtomicInteger STEPS = new AtomicInteger();
    private static final Map<String, AtomicInteger> CALLS = new ConcurrentHashMap<>();
    private static volatile int strikeAt;
    private static volatile int strikes;
    private static volatile Supplier<? extends Error> error = () -> new Error("never");
    private static volatile boolean counting;
    private static volatile String struck;
    private static volatile boolean starving;

    private Sabotage() {}

    /** What runs at each step; it must be public, since it runs in the library's classes. */
    public static final class Step {
        private Step() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Origin("#t.#m") String method) {
            Sabotage.step(method);
        }
    }

    /** A step is made. */
    public static void step(String method) {
        if (starving && method.equals(THREADS)) {
            throw new OutOfMemoryError("unable to create native thread: the tests have none left");
        }
        if (counting
                && CALLS.computeIfAbsent(method, name -> new AtomicInteger()).incrementAndGet() <= CALLS_EACH
                && isStruck(STEPS.incrementAndGet())) {
            struck = method;
            throw error.get();
        }
    }

    private static boolean isStruck(int step) {
        return strikeAt > 0 && step >= strikeAt && step < strikeAt + strikes;
    }

    /** Instruments the library's classes; what it returns undoes it. */
    static Runnable install() {
        // Loaded before: a class that is loaded while another one is instrumented would be passed over.
        new ClassFileImporter().importPath(Path.of("target", "classes")).forEach(type -> type.reflect());
        var instrumentation = ByteBuddyAgent.install();
        ResettableClassFileTransformer transformer = new AgentBuilder.Default()
                .disableClassFormatChanges()
                .with(AgentBuilder.Listener.StreamWriting.toSystemError().withErrorsOnly())
                .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
                .ignore(not(nameStartsWith(LIBRARY)))
                .type(nameStartsWith(LIBRARY + "internal.")
                        .or(named(LIBRARY + "ManagedConnection"))
                        .and(not(nameStartsWith(LIBRARY + "internal.Counters")))
                        .and(not(nameStartsWith(LIBRARY + "internal.Counts")))
                        .and(not(nameStartsWith(LIBRARY + "internal.jfr")))
                        .and(not(nameStartsWith(LIBRARY + "internal.Log")))
                        .and(not(nameContains("Test"))))
                .transform((builder, type, loader, module, domain) -> builder.visit(Advice.to(Step.class)
                        .on(not(isAbstract())
                                .and(not(isNative()))
                                .and(not(isTypeInitializer()))
                                .and(not(named("probe"))))))
                .installOn(instrumentation);
        return () -> transformer.reset(instrumentation, AgentBuilder.RedefinitionStrategy.RETRANSFORMATION);
    }

    /** From now on steps are counted, and the nth throws. */
    static void arm(int nth, Supplier<? extends Error> thrown) {
        arm(nth, 1, thrown);
    }

    /** From now on steps are counted, and the nth throws, and so many in all, one after the other. */
    static void arm(int nth, int many, Supplier<? extends Error> thrown) {
        struck = null;
        strikes = many;
        STEPS.set(0);
        CALLS.clear();
        strikeAt = nth;
        error = thrown;
        counting = true;
    }

    /**
     * No step throws any more.
     *
     * @return how many steps there were
     */
    static int disarm() {
        counting = false;
        return STEPS.get();
    }

    /** Whether no thread can be had from now on. */
    static void starve(boolean ofThreads) {
        starving = ofThreads;
    }

    /** The method that was struck; null if none was. */
    static String struck() {
        return struck;
    }
}
