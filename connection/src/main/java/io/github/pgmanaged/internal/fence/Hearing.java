package io.github.pgmanaged.internal.fence;

import java.util.Set;
import org.postgresql.PGNotification;

/**
 * What becomes of the notifications of a session: some are for a lease, others for the manager's subscriptions.
 *
 * <p>Thread safety: safe; none of it blocks, or throws.
 */
public interface Hearing {
    /** All are for the lease. */
    Hearing OF_LEASES_ALONE = new Hearing() {
        @Override
        public boolean isOn() {
            return false;
        }

        @Override
        public void sort(Set<String> listening) {}

        @Override
        public boolean hasKept() {
            return false;
        }

        @Override
        public PGNotification[] forLease(PGNotification[] heard, Set<String> listening) {
            return heard;
        }
    };

    /** Whether any can be for somebody else than the lease; costs a memory read. */
    boolean isOn();

    /**
     * Takes those that the driver has, hands on what is for subscriptions, and keeps the rest for a lease.
     *
     * @param listening the channels to which the lease itself listens
     */
    void sort(Set<String> listening);

    /** Whether some are kept for a lease. */
    boolean hasKept();

    /**
     * Those for the lease: what was kept, and what it has just heard. Hands on what is for subscriptions.
     *
     * @param heard what the driver has given
     * @param listening the channels to which the lease itself listens
     */
    PGNotification[] forLease(PGNotification[] heard, Set<String> listening);
}
