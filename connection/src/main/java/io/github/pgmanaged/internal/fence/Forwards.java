package io.github.pgmanaged.internal.fence;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Has the class {@code ForwardingX}, for the interface {@code X}, generated for the annotated class to extend. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface Forwards {
    /** The interface to forward. */
    Class<?> value();

    /** pgjdbc's interface on the same object. */
    Class<?>[] also() default {};

    /** The class to extend. If it is not {@link Handle}, only what the interface itself declares is generated. */
    Class<?> onTopOf() default Handle.class;

    /**
     * Methods that only look at memory and cannot reach the server, as long as {@link Handle#isLocal} says so. The
     * fence is checked before the call, but a release does not wait for it: two atomic operations less, on what is
     * called once a column of each row. A test reads this, and holds each to it.
     */
    String[] local() default {};

    /**
     * Methods that do nothing on a handle of a released lease, and answer false. They are those that only let go of
     * something, which is gone by then, where JDBC has a second call do nothing, and those that JDBC has answer on a
     * closed object. What it has fail on a closed object ({@code cancel}, {@code clearBatch}, {@code clearWarnings},
     * {@code closeOnCompletion} and the like) fails on a handle of a released lease, too.
     */
    String[] harmless() default {};

    /**
     * Methods that are not generated: they mean something here, or no {@link Handle} can be made of what they return.
     */
    String[] byHand() default {};
}
