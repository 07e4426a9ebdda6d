package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A lease is the application's object, and so is its lock: whoever holds it keeps nobody from ending the lease. */
@Timeout(120)
class LockedLeaseTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(500)).build());

    enum End {
        REVOKED(manager -> assertThat(manager.revoke("enough")).isTrue()),
        CLOSED(ManagedConnection::close);

        private final Consumer<ManagedConnection> how;

        End(Consumer<ManagedConnection> how) {
            this.how = how;
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_lease_that_is_locked_and_was_not_used_can_be_ended(End end) throws Exception {
        CountDownLatch locked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<Void> holder = Elsewhere.run(() -> {
            try (Lease lease = manager.acquire()) {
                synchronized (lease) {
                    locked.countDown();
                    ended.await();
                }
            }
        });
        locked.await();
        assertThat(Elsewhere.run(() -> end.how.accept(manager))).succeedsWithin(Duration.ofSeconds(30));
        assertThat(manager.holder()).isEmpty();
        ended.countDown();
        assertThat(holder.handle((done, told) -> true)).succeedsWithin(Duration.ofSeconds(30));
    }
}
