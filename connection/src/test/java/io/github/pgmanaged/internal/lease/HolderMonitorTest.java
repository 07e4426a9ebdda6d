package io.github.pgmanaged.internal.lease;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Counters;
import io.github.pgmanaged.internal.Options;
import io.github.pgmanaged.internal.fence.FencedConnection;
import io.github.pgmanaged.internal.session.Patience;
import io.github.pgmanaged.internal.session.Session;
import io.github.pgmanaged.internal.session.SessionSlot;
import io.github.pgmanaged.testing.Elsewhere;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How long a lease has whose thread has ended, by a clock of the tests' own. */
@Timeout(120)
class HolderMonitorTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final long GRACE = Duration.ofHours(1).toNanos();

    private final Options options = options();
    private final Counters counters = new Counters();
    private final SessionSlot sessions = new SessionSlot(options, counters);
    private final HoldingSlot slot = new HoldingSlot(options, sessions, counters);
    private final HolderMonitor monitor =
            new HolderMonitor(slot, new LeaseRevoker(slot, sessions, counters, options), options);

    private static Options options() {
        Options.Draft draft = new Options.Draft("test", DB.source());
        draft.releaseTimeout = Duration.ofNanos(GRACE);
        return new Options(draft);
    }

    private Lease begunByAThreadThatHasEnded() throws Exception {
        return Elsewhere.callToTheEnd(() -> lease());
    }

    private Lease lease() throws Exception {
        FencedConnection lease = new FencedConnection();
        Holding turn = slot.newTurn(lease);
        assertThat(slot.tryBegin(turn)).isTrue();
        long now = System.nanoTime();
        Session ready = sessions.ready(now, now, Duration.ofSeconds(30).toNanos(), Patience.NONE, false);
        turn.begin(lease, Objects.requireNonNull(ready), false, now);
        return lease;
    }

    private void closeSession() {
        Session left = sessions.detach(CloseReason.MANAGER_CLOSED);
        if (left != null) {
            left.close();
        }
    }

    private boolean isTakenBackAt(long nanoTime) {
        monitor.look(nanoTime);
        return slot.current() == null;
    }

    @Test
    void the_release_timeout_of_a_lease_without_a_thread_begins_anew_after_each_use() throws Exception {
        DB.closing(this::closeSession);
        Lease lease = begunByAThreadThatHasEnded();
        assertThat(isTakenBackAt(0)).isFalse();
        Elsewhere.callToTheEnd(() -> {
            insert(lease, "a");
            assertThat(isTakenBackAt(GRACE)).isFalse();
            return null;
        });
        assertThat(isTakenBackAt(GRACE + 1)).isFalse();
        assertThat(isTakenBackAt(2 * GRACE)).isFalse();
        assertThat(isTakenBackAt(2 * GRACE + 1)).isTrue();
    }

    @Test
    void the_release_timeout_of_a_lease_without_a_thread_is_no_part_of_the_next_ones() throws Exception {
        DB.closing(this::closeSession);
        Lease first = begunByAThreadThatHasEnded();
        assertThat(isTakenBackAt(0)).isFalse();
        first.close();
        Lease second = begunByAThreadThatHasEnded();
        assertThat(isTakenBackAt(GRACE)).isFalse();
        assertThat(isTakenBackAt(2 * GRACE)).isTrue();
        assertThat(second.isClosed()).isTrue();
    }

    @Test
    void a_turn_that_came_to_a_thread_which_had_given_up_costs_no_session() throws Exception {
        DB.closing(this::closeSession);
        lease().close();
        Session before = sessions.session();
        Holding late = slot.newTurn(new FencedConnection());
        assertThat(slot.tryBegin(late)).isTrue();
        late.begun = false; // as when it was passed on at the moment in which its thread gave up
        late.givenUp = true;
        slot.repairIfBrokenOff(late);
        assertThat(slot.current()).isNull();
        assertThat(sessions.session()).isSameAs(before);
        assertThat(before.isClosed()).isFalse();
    }
}
