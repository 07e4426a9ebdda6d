package io.github.pgmanaged.internal.jfr;

import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.LeaseEnd;
import io.github.pgmanaged.internal.Tenancy;
import io.github.pgmanaged.internal.time.Threads;
import java.sql.SQLException;
import jdk.jfr.EventType;
import org.jspecify.annotations.Nullable;

/**
 * Tells the Flight Recorder of a manager's events. While nobody records, an event costs no time stamp.
 *
 * <p>Thread safety: immutable.
 */
final class FlightRecorderListener implements Events {
    /** Fails here, and not at an event, if the classes cannot be had. */
    private static final EventType LEASE = EventType.getEventType(LeaseEvent.class);

    private final String manager;

    FlightRecorderListener(String manager) {
        this.manager = manager;
    }

    @Override
    public void opened(long nanos) {
        recordOpening(null, nanos);
    }

    @Override
    public void openingFailed(Throwable failure, long nanos) {
        recordOpening(failure, nanos);
    }

    /** Of a failure only its type and its SQLState: its text is a foreign one, and may say anything. */
    private void recordOpening(@Nullable Throwable failure, long nanos) {
        SessionOpenedEvent event = new SessionOpenedEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.openTime = nanos;
            event.failure = failure == null ? null : failure.getClass();
            event.sqlState = failure instanceof SQLException error ? error.getSQLState() : null;
            event.commit();
        }
    }

    @Override
    public void closed(CloseReason reason) {
        SessionClosedEvent event = new SessionClosedEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.reason = reason.name();
            event.commit();
        }
    }

    @Override
    public void validationFailed() {
        ValidationFailedEvent event = new ValidationFailedEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.commit();
        }
    }

    @Override
    public void waited(long nanos, boolean inVain) {
        LeaseWaitEvent event = new LeaseWaitEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.waited = nanos;
            event.inVain = inVain;
            event.commit();
        }
    }

    @Override
    public void waitedAgain(long nanos, long altogether, boolean inVain) {
        waited(nanos, inVain);
    }

    @Override
    public void ended(Tenancy lease) {
        if (!LEASE.isEnabled()) { // each lease comes by
            return;
        }
        LeaseEvent event = new LeaseEvent();
        LeaseEnd end = lease.end();
        if (event.shouldCommit() && end != null) {
            event.manager = manager;
            event.holder = lease.owner();
            event.holderName = Threads.name(lease.owner());
            event.held = System.nanoTime() - lease.since();
            event.outcome = end.name();
            event.commit();
        }
    }

    @Override
    public void rolledBack(boolean thrown) {
        ForcedRollbackEvent event = new ForcedRollbackEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.workThrew = thrown;
            event.commit();
        }
    }

    @Override
    public void commitUnknown() {
        CommitUnknownEvent event = new CommitUnknownEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.commit();
        }
    }

    @Override
    public void resumed(long nanos) {
        ResumedEvent event = new ResumedEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.paused = nanos;
            event.commit();
        }
    }

    @Override
    public void revoked(Tenancy lease, String reason) {
        recordRevocation(lease, reason);
    }

    @Override
    public void abandoned(Tenancy lease) {
        recordRevocation(lease, "abandoned");
    }

    private void recordRevocation(Tenancy lease, String reason) {
        LeaseRevokedEvent event = new LeaseRevokedEvent();
        if (event.shouldCommit()) {
            event.manager = manager;
            event.holder = lease.owner();
            event.holderName = Threads.name(lease.owner());
            event.held = System.nanoTime() - lease.since();
            event.reason = reason;
            event.commit();
        }
    }
}
