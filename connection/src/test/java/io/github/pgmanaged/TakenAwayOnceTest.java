package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work whose lease is taken away reads why in what it throws: once. */
@Timeout(60)
class TakenAwayOnceTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final ManagedConnection manager =
            DB.closing(DB.builder().releaseTimeout(Duration.ofMillis(200)).build());

    /** All that says why, in the exception, its causes, and what is suppressed. */
    private static List<String> reasons(Throwable thrown) {
        List<String> reasons = new ArrayList<>();
        for (Throwable next = thrown; next != null; next = next.getCause()) {
            if (next instanceof LeaseReleasedException) {
                reasons.add(next.getMessage());
            }
            for (Throwable suppressed : next.getSuppressed()) {
                reasons.addAll(reasons(suppressed));
            }
        }
        return reasons;
    }

    private void takeAway(String way) {
        if (way.equals("close")) {
            manager.close();
        } else {
            manager.revoke("enough");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "revoke"})
    void in_a_call_that_is_cut(String way) throws Exception {
        CompletableFuture<Throwable> holder =
                Elsewhere.call(() -> catchThrowable(() -> manager.useTransaction(lease -> {
                    insert(lease, "a");
                    query(lease, "SELECT pg_sleep(60)");
                })));
        DB.awaitWaitingFor("PgSleep");
        takeAway(way);
        assertThat(reasons(holder.get())).hasSize(1).first().asString().contains("was revoked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "revoke"})
    void in_the_next_call(String way) {
        Throwable thrown = catchThrowable(() -> manager.useTransaction(lease -> {
            insert(lease, "a");
            takeAway(way);
            insert(lease, "b");
        }));
        assertThat(thrown).isInstanceOf(LeaseReleasedException.class);
        assertThat(reasons(thrown)).hasSize(1);
    }

    @Test
    void in_the_next_call_whose_exception_the_work_has_wrapped() {
        Throwable thrown = catchThrowable(() -> manager.useTransaction(lease -> {
            insert(lease, "a");
            manager.revoke("enough");
            try {
                insert(lease, "b");
            } catch (LeaseReleasedException e) {
                throw new IllegalStateException("wrapped", e);
            }
        }));
        assertThat(thrown).isInstanceOf(IllegalStateException.class);
        assertThat(reasons(thrown)).hasSize(1);
    }

    @Test
    void at_the_release_if_the_work_throws_something_else_or_of_another_lease() throws Exception {
        ManagedConnection other = DB.manager();
        Lease released = other.acquire();
        released.close();
        Throwable thrown = catchThrowable(() -> manager.useTransaction(lease -> {
            insert(lease, "a");
            manager.revoke("enough");
            released.createStatement();
        }));
        assertThat(reasons(thrown)).hasSize(2).last().asString().contains("with the reason \"enough\"");
    }
}
