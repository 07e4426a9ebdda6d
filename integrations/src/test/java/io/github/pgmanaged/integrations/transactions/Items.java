package io.github.pgmanaged.integrations.transactions;

import java.util.concurrent.CompletableFuture;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What the transactions of {@link Orders} call: a method for each propagation. */
class Items {
    private final JdbcTemplate jdbc;

    Items(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional
    public void required(String key) {
        insert(key);
    }

    @Transactional(propagation = Propagation.NESTED)
    public void nestedThatFails(String key) {
        insert(key);
        throw new IllegalStateException("out of stock");
    }

    @Transactional(propagation = Propagation.REQUIRES_NEW)
    public void requiresNew(String key) {
        insert(key);
    }

    @Transactional(propagation = Propagation.NOT_SUPPORTED)
    public void outside() {
        jdbc.queryForObject("SELECT count(*) FROM example", Long.class);
    }

    @Transactional(propagation = Propagation.NOT_SUPPORTED)
    public void outsideWithoutSql() {}

    @Async
    public CompletableFuture<String> inAnotherThread(String key) {
        insert(key);
        return CompletableFuture.completedFuture(key);
    }

    public void insert(String key) {
        jdbc.update("INSERT INTO example VALUES (?, 'item')", key);
    }
}
