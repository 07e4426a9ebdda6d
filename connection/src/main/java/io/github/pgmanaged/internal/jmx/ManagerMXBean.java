package io.github.pgmanaged.internal.jmx;

import io.github.pgmanaged.Holder;
import io.github.pgmanaged.ManagedConnectionMXBean;
import io.github.pgmanaged.TransactionStatus;
import io.github.pgmanaged.internal.lease.Leasing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A manager as JMX sees it. Thread safety: safe. */
final class ManagerMXBean implements ManagedConnectionMXBean {
    private final Leasing leasing;

    ManagerMXBean(Leasing leasing) {
        this.leasing = leasing;
    }

    @Override
    public @Nullable String getHolder() {
        Holder holder = leasing.holder();
        return holder == null ? null : holder.toString();
    }

    @Override
    public String[] getHolderStack() {
        return stack(Holder::stack);
    }

    @Override
    public String[] getHolderAcquiredAt() {
        return stack(Holder::acquiredAt);
    }

    private String[] stack(Function<Holder, List<StackTraceElement>> of) {
        Holder holder = leasing.holder();
        return holder == null
                ? new String[0]
                : of.apply(holder).stream().map(StackTraceElement::toString).toArray(String[]::new);
    }

    @Override
    public long getHolderMillis() {
        return millis(Holder::heldFor);
    }

    @Override
    public long getHolderIdleMillis() {
        return millis(Holder::idleFor);
    }

    private long millis(Function<Holder, Duration> of) {
        Holder holder = leasing.holder();
        return holder == null ? 0 : of.apply(holder).toMillis();
    }

    @Override
    public int getWaiting() {
        return leasing.waiters().count();
    }

    @Override
    public long getFirstWaitMillis() {
        return leasing.waiters().firstWait().toMillis();
    }

    @Override
    public TransactionStatus getStatus() {
        return leasing.status();
    }

    @Override
    public boolean isPaused() {
        return leasing.isPaused();
    }

    @Override
    public long getLeases() {
        return leasing.counts().leases;
    }

    @Override
    public long getTimeouts() {
        return leasing.counts().timeouts;
    }

    @Override
    public long getInterrupts() {
        return leasing.counts().interrupts;
    }

    @Override
    public long getRejections() {
        return leasing.counts().rejections;
    }

    @Override
    public long getOpened() {
        return leasing.counts().opened;
    }

    @Override
    public long getOpeningFailures() {
        return leasing.counts().openingFailures;
    }

    @Override
    public long getClosed() {
        return leasing.counts().closed;
    }

    @Override
    public long getValidationFailures() {
        return leasing.counts().validationFailures;
    }

    @Override
    public long getRollbacks() {
        return leasing.counts().rollbacks;
    }

    @Override
    public long getOpenTransactions() {
        return leasing.counts().openTransactions;
    }

    @Override
    public long getCommitsUnknown() {
        return leasing.counts().commitsUnknown;
    }

    @Override
    public long getAbandoned() {
        return leasing.counts().abandoned;
    }

    @Override
    public long getRevoked() {
        return leasing.counts().revoked;
    }

    @Override
    public long getWaits() {
        return leasing.counts().waits;
    }

    @Override
    public long getTotalWaitMillis() {
        return TimeUnit.NANOSECONDS.toMillis(leasing.counts().waitNanos);
    }

    @Override
    public long getLongestWaitMillis() {
        return TimeUnit.NANOSECONDS.toMillis(leasing.counts().longestWaitNanos);
    }

    @Override
    public long getTotalHoldMillis() {
        return TimeUnit.NANOSECONDS.toMillis(leasing.counts().holdNanos);
    }

    @Override
    public long getLongestHoldMillis() {
        return TimeUnit.NANOSECONDS.toMillis(leasing.counts().longestHoldNanos);
    }

    @Override
    public void pause() {
        leasing.pause();
    }

    @Override
    public void resume() {
        leasing.resume();
    }

    @Override
    public boolean drain(long timeoutMillis) {
        if (timeoutMillis < 0) {
            throw new IllegalArgumentException("timeoutMillis: must not be negative: " + timeoutMillis);
        }
        return leasing.drain(Duration.ofMillis(timeoutMillis));
    }

    @Override
    public void reset() {
        leasing.reset();
    }

    @Override
    public boolean revoke(String reason) {
        return leasing.revoke(reason);
    }
}
