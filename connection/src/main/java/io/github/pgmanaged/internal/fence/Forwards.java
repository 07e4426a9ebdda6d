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
     * Methods that are not generated: they mean something here, or no {@link Handle} can be made of what they return.
     */
    String[] byHand() default {};
}
