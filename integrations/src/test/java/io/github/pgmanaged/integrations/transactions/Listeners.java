package io.github.pgmanaged.integrations.transactions;

import java.util.concurrent.CompletableFuture;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;

/** Listeners that run after the commit. The transaction's connection is still bound to the thread then. */
class Listeners {
    /** Which of the listeners is meant. */
    enum Way {
        SQL,
        REQUIRES_NEW,
        ASYNC
    }

    private final Items items;
    private final CompletableFuture<String> later = new CompletableFuture<>();

    Listeners(Items items) {
        this.items = items;
    }

    /** Is completed by the listener in another thread. */
    public CompletableFuture<String> later() {
        return later;
    }

    @TransactionalEventListener(condition = "#placed.way.name() == 'SQL'")
    public void afterCommit(Orders.Placed placed) {
        items.insert(placed.key() + "'s item");
    }

    @TransactionalEventListener(condition = "#placed.way.name() == 'REQUIRES_NEW'")
    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void afterCommitInANewTransaction(Orders.Placed placed) {
        items.insert(placed.key() + "'s item");
    }

    @Async
    @TransactionalEventListener(condition = "#placed.way.name() == 'ASYNC'")
    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void afterCommitInAnotherThread(Orders.Placed placed) {
        items.insert(placed.key() + "'s item");
        later.complete(placed.key());
    }
}
