package io.github.pgmanaged.cli.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.cli.timeline.Mark.Kind;
import org.junit.jupiter.api.Test;

/** How events become a history: which wait belongs to which lease, which thread is which. */
class HistoryBuilderTest {
    private static final long ORIGIN = 1_700_000_000_000_000_000L;
    private static final long MILLI = 1_000_000;

    private final HistoryBuilder builder = new HistoryBuilder();
    private final long one = builder.lanes().key(1, "worker-10");
    private final long two = builder.lanes().key(2, "worker-9");

    @Test
    void aLeaseThatSeemsToLastIntoTheNextOneIsCut() {
        lease(0, 12, one);
        lease(10, 20, two);
        assertThat(build().leases()).extracting(Lease::end).containsExactly(10 * MILLI, 20 * MILLI);
    }

    @Test
    void aLeaseKnowsTheWaitBeforeIt() {
        wait(0, 10, two, false);
        lease(0, 10, one);
        lease(10, 20, two);
        lease(25, 30, two);
        assertThat(build().leases()).extracting(Lease::waited).containsExactly(0L, 10 * MILLI, 0L);
        assertThat(build().waits()).extracting(Wait::leased).containsExactly(true);
    }

    @Test
    void theOpeningOfASessionIsBetweenTheTurnAndTheLease() {
        wait(0, 10, two, false);
        mark(59, Kind.SESSION_OPENED);
        lease(60, 70, two);
        assertThat(build().leases())
                .containsExactly(new Lease(60 * MILLI, 70 * MILLI, 0, Outcome.RELEASED, 10 * MILLI, 50 * MILLI));
    }

    @Test
    void aWaitOfWhichNoLeaseCameIsNotTheNextLeases() {
        wait(0, 10, two, false);
        mark(20, Kind.OPENING_FAILED);
        lease(60, 70, two);
        assertThat(build().leases()).extracting(Lease::waited).containsExactly(0L);
        assertThat(build().waits()).extracting(Wait::leased).containsExactly(false);
    }

    @Test
    void whoGaveUpIsMarked() {
        wait(0, 10, two, true);
        lease(10, 20, two);
        History history = build();
        assertThat(history.leases()).extracting(Lease::waited).containsExactly(0L);
        assertThat(history.marks()).extracting(Mark::kind).containsExactly(Kind.GAVE_UP);
    }

    @Test
    void threadsAreInTheOrderOfTheNumbersInTheirNamesAndNoTwoHaveTheSame() {
        long twin = builder.lanes().key(3, "worker-9");
        long trap = builder.lanes().key(4, "worker-9 (#3)");
        lease(0, 1, one);
        lease(1, 2, two);
        lease(2, 3, twin);
        lease(3, 4, trap);
        assertThat(build().lanes()).containsExactly("worker-9 (#2)", "worker-9 (#3)", "worker-9 (#3)'", "worker-10");
        assertThat(build().leases()).extracting(Lease::lane).containsExactly(3, 0, 1, 2);
    }

    @Test
    void aThreadThatHasLostItsNumberIsKnownByItsName() {
        lease(0, 1, one);
        lease(1, 2, builder.lanes().key(0, "worker-10"));
        lease(2, 3, builder.lanes().key(0, "gone"));
        lease(3, 4, builder.lanes().key(0, null));
        assertThat(build().lanes()).containsExactly("a thread that has ended", "gone", "worker-10");
        assertThat(build().leases()).extracting(Lease::lane).containsExactly(2, 2, 1, 0);
    }

    @Test
    void whoNeitherHeldNorWaitedHasNoLane() {
        lease(0, 1, one);
        builder.addMark(ORIGIN, Kind.SESSION_OPENED, builder.lanes().key(9, "pgmanaged open"), "");
        assertThat(build().lanes()).containsExactly("worker-10");
        assertThat(build().marks()).extracting(Mark::lane).containsExactly(Mark.NO_LANE);
    }

    private void lease(long start, long end, long thread) {
        builder.addLease(ORIGIN + end * MILLI, (end - start) * MILLI, thread, Outcome.RELEASED);
    }

    private void wait(long start, long end, long thread, boolean inVain) {
        builder.addWait(ORIGIN + end * MILLI, (end - start) * MILLI, thread, inVain);
    }

    private void mark(long at, Kind kind) {
        builder.addMark(ORIGIN + at * MILLI, kind, one, "");
    }

    private History build() {
        assertThat(builder.first()).isEqualTo(ORIGIN);
        return builder.build("m", builder.first(), builder.last());
    }
}
