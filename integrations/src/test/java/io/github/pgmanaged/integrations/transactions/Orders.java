package io.github.pgmanaged.integrations.transactions;

import io.github.pgmanaged.ManagedConnection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** A service, each method a transaction. */
class Orders {
    /** Is published in a transaction, for listeners that run after its commit. */
    record Placed(String key, Listeners.Way way) {}

    private final JdbcTemplate jdbc;
    private final Items items;
    private final ManagedConnection manager;
    private final ApplicationEventPublisher events;

    Orders(JdbcTemplate jdbc, Items items, ManagedConnection manager, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.items = items;
        this.manager = manager;
        this.events = events;
    }

    @Transactional
    public void placeWithItem(String key) {
        insert(key);
        items.required(key + "'s item");
    }

    @Transactional
    public void placeThenFail(String key) {
        placeWithItem(key);
        throw new IllegalStateException("the shop is closed");
    }

    @Transactional
    public void placeWithoutTheItemThatFails(String key) {
        insert(key);
        try {
            items.nestedThatFails(key + "'s item");
        } catch (IllegalStateException e) {
            insert(key + " without item");
        }
    }

    @Transactional
    public void placeWithItemInATransactionOfItsOwn(String key) {
        insert(key);
        items.requiresNew(key + "'s item");
    }

    @Transactional
    public void placeAndLookOutside(String key) {
        insert(key);
        items.outside();
    }

    @Transactional
    public void placeAndWorkOutsideWithoutSql(String key) {
        insert(key);
        items.outsideWithoutSql();
    }

    @Transactional
    public void placeAndUseTheManager(String key) throws SQLException {
        insert(key);
        manager.useTransaction(lease -> lease.createStatement().execute("SELECT 1"));
    }

    @Transactional
    public CompletableFuture<String> placeAndLetAnotherThread(String key) {
        insert(key);
        return items.inAnotherThread(key + "'s item");
    }

    @Transactional
    public void placeAndWaitForAnotherThread(String key) {
        insert(key);
        items.inAnotherThread(key + "'s item").join();
    }

    @Transactional
    public void placeAndTell(String key, Listeners.Way way) {
        insert(key);
        events.publishEvent(new Placed(key, way));
    }

    @Transactional
    public boolean takesTheLease() {
        return manager.holder().isPresent();
    }

    private void insert(String key) {
        jdbc.update("INSERT INTO example VALUES (?, 'order')", key);
    }
}
