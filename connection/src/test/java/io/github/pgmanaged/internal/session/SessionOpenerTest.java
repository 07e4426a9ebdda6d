package io.github.pgmanaged.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.time.Deadline;
import io.github.pgmanaged.testing.DataSources;
import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attempts that are stuck, given up, and stopped. */
@Timeout(120)
class SessionOpenerTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicReference<Session> place = new AtomicReference<>();

    private SessionOpener opener(DataSource source, Duration stall) {
        Options.Draft draft = new Options.Draft("test", source);
        draft.openingStall = stall;
        return new SessionOpener(new Options(draft), new Events() {}, place);
    }

    private static Session open(SessionOpener opener, Duration timeout) throws Exception {
        return opener.open(Deadline.after(timeout), Patience.FOR_A_KNOWN_SERVER, false);
    }

    private static void awaitFor(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void foreign_code_that_is_stuck_is_given_up_in_the_end_and_another_attempt_begun() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch stuck = new CountDownLatch(1);
        SessionOpener opener = opener(
                DataSources.of(() -> {
                    if (attempts.incrementAndGet() == 1) {
                        begun.countDown();
                        awaitFor(stuck);
                    }
                    return DB.source().getConnection();
                }),
                Duration.ofMillis(20));
        CompletableFuture<Throwable> first = new CompletableFuture<>();
        Thread impatient =
                Elsewhere.start(Thread::new, first, () -> catchThrowable(() -> open(opener, Duration.ofMinutes(1))));
        begun.await();
        impatient.interrupt();
        assertThat(first.get()).isInstanceOf(InterruptedException.class);
        Awaitility.await().pollDelay(Duration.ofMillis(150)).until(() -> true);

        Session session = open(opener, Duration.ofSeconds(30));

        assertThat(session.status()).isEqualTo(TransactionStatus.IDLE);
        stuck.countDown();
        Awaitility.await("the late one is closed")
                .during(Duration.ofMillis(300))
                .until(() -> DB.sessions() == 1);
        session.close();
    }

    @Test
    void of_attempts_that_are_stuck_at_most_one_is_given_up_at_a_time() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        SessionOpener opener = opener(
                DataSources.of(() -> {
                    attempts.incrementAndGet();
                    awaitFor(stuck);
                    return DB.source().getConnection();
                }),
                Duration.ofMillis(1));
        for (int i = 0; i < 20; i++) {
            assertThat(catchThrowable(() -> open(opener, Duration.ofMillis(30))))
                    .isInstanceOf(NoSessionException.class);
        }
        assertThat(attempts).hasValue(2);
        stuck.countDown();
        Awaitility.await("the younger one is a session").until(() -> place.get() != null);
        Awaitility.await().until(() -> DB.sessions() == 1);
        place.get().close();
    }

    @Test
    void an_opener_that_is_stopped_during_an_opening_gives_no_session_and_leaves_none() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        SessionOpener opener = opener(
                DataSources.of(() -> {
                    attempts.incrementAndGet();
                    awaitFor(end);
                    return DB.source().getConnection();
                }),
                Duration.ofSeconds(10));
        assertThat(catchThrowable(() -> open(opener, Duration.ofMillis(100)))).isInstanceOf(NoSessionException.class);

        opener.stop();

        assertThat(open(opener, Duration.ofSeconds(30))).isNull();
        end.countDown();
        Awaitility.await().during(Duration.ofMillis(300)).until(() -> DB.sessions() == 0);
        assertThat(place.get()).isNull();
    }
}
