package io.github.pgmanaged.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.AcquireInterruptedException;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.ReentrantAcquireException;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Code that opens a session and asks its own manager for a lease would wait for itself. */
@Timeout(60)
class ForeignReentryTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    /** How long the code that opens a session waits before it asks. */
    private enum When {
        AT_ONCE,
        WHEN_NOBODY_WAITS_ANY_MORE,
        WHEN_IT_HAS_BEEN_GIVEN_UP
    }

    private final AtomicBoolean first = new AtomicBoolean(true);
    private final CountDownLatch opening = new CountDownLatch(1);
    private final CountDownLatch asksNow = new CountDownLatch(1);
    private final CompletableFuture<Throwable> told = new CompletableFuture<>();
    private final ManagedConnection[] manager = new ManagedConnection[1];

    @ParameterizedTest
    @CsvSource({
        "getConnection, AT_ONCE",
        "isWrapperFor, AT_ONCE",
        "unwrap, AT_ONCE",
        "hook, AT_ONCE",
        "getConnection, WHEN_NOBODY_WAITS_ANY_MORE",
        "isWrapperFor, WHEN_NOBODY_WAITS_ANY_MORE",
        "unwrap, WHEN_NOBODY_WAITS_ANY_MORE",
        "hook, WHEN_NOBODY_WAITS_ANY_MORE",
        "getConnection, WHEN_IT_HAS_BEEN_GIVEN_UP",
        "isWrapperFor, WHEN_IT_HAS_BEEN_GIVEN_UP",
        "unwrap, WHEN_IT_HAS_BEEN_GIVEN_UP",
        "hook, WHEN_IT_HAS_BEEN_GIVEN_UP"
    })
    void what_opens_a_session_and_asks_its_own_manager_is_told_at_once(String where, When when) throws Exception {
        manager[0] = DB.closing(ManagedConnection.builder(DataSources.of(() -> {
                    ask(where, "getConnection");
                    return DataSources.with(DB.source().getConnection(), (method, go) -> {
                        ask(where, method);
                        return go.call();
                    });
                }))
                .acquireTimeout(Duration.ofSeconds(30))
                .releaseTimeout(Duration.ofSeconds(1))
                .onOpen(lease -> ask(where, "hook"))
                .build());
        if (when == When.AT_ONCE) {
            asksNow.countDown();
            manager[0].acquire().close();
        } else {
            CompletableFuture<Throwable> wanted = new CompletableFuture<>();
            Thread opener = Elsewhere.start(Thread::new, wanted, () -> catchThrowable(() -> manager[0].acquire()));
            opening.await();
            opener.interrupt();
            assertThat(wanted.get()).isInstanceOf(AcquireInterruptedException.class);
            if (when == When.WHEN_IT_HAS_BEEN_GIVEN_UP) {
                manager[0].reset();
            }
            asksNow.countDown();
        }
        assertThat(told.get(10, TimeUnit.SECONDS)).isInstanceOf(ReentrantAcquireException.class);
        manager[0].acquire().close();
        assertThat(manager[0].stats().timeouts()).isZero();
        assertThat(manager[0].stats().interrupts()).isEqualTo(when == When.AT_ONCE ? 0 : 1);
    }

    /** Both ways to ask must be refused; the first time only. */
    private void ask(String where, String here) {
        if (!where.equals(here) || !first.compareAndSet(true, false)) {
            return;
        }
        opening.countDown();
        Trap.await(asksNow);
        Throwable acquire = answer(() -> manager[0].acquire().close());
        Throwable tryAcquire =
                answer(() -> manager[0].tryAcquire().orElseThrow().close());
        told.complete(acquire instanceof ReentrantAcquireException ? tryAcquire : acquire);
    }

    private static Throwable answer(ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        return thrown == null ? new AssertionError("it was given a lease") : thrown;
    }
}
