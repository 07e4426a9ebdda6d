package io.github.pgmanaged.spring.boot;

import io.github.pgmanaged.ManagedConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** An application as users write them: what they wrote for a pool. */
@SpringBootApplication
class OrdersApplication {
    /** The service's own proxies are needed: {@code REQUIRES_NEW} is called through one. */
    @Service
    static class Audit {
        private final JdbcTemplate jdbc;

        Audit(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void inATransactionOfItsOwn(String key) {
            jdbc.update("INSERT INTO example VALUES (?, 'audit')", key);
        }

        @Transactional(propagation = Propagation.NESTED)
        public void failsInASavepoint(String key) {
            jdbc.update("INSERT INTO example VALUES (?, 'audit')", key);
            throw new IllegalStateException("after the insert");
        }
    }

    @Service
    static class Orders {
        private final JdbcClient jdbc;
        private final Audit audit;

        Orders(JdbcClient jdbc, Audit audit) {
            this.jdbc = jdbc;
            this.audit = audit;
        }

        @Transactional
        public void place(String key) {
            jdbc.sql("INSERT INTO example VALUES (?, 'order')").param(key).update();
        }

        @Transactional
        public void placeAndFail(String key) {
            place(key);
            throw new IllegalStateException("after the insert");
        }

        @Transactional
        public void placeAudited(String key) {
            place(key);
            audit.inATransactionOfItsOwn(key + "-audit");
        }

        @Transactional
        public void placeInSpiteOfASavepoint(String key) {
            place(key);
            try {
                audit.failsInASavepoint(key + "-audit");
            } catch (IllegalStateException e) {
                return; // back to the savepoint
            }
        }

        /** A transaction in which no statement runs. */
        @Transactional
        public boolean leaseIsTaken(ManagedConnection manager) {
            return manager.holder().isPresent();
        }

        @Transactional
        public void placeSlowly(String key) {
            place(key);
            jdbc.sql("SELECT pg_sleep(0.01)").query().singleRow();
        }
    }

    @RestController
    static class Controller {
        /** The requests that came in. */
        final Set<String> accepted = ConcurrentHashMap.newKeySet();

        private final Orders orders;
        private final JdbcClient jdbc;

        Controller(Orders orders, JdbcClient jdbc) {
            this.orders = orders;
            this.jdbc = jdbc;
        }

        @PostMapping("/orders/{key}")
        String place(@PathVariable("key") String key) {
            accepted.add(key);
            orders.placeSlowly(key);
            return "placed " + key;
        }

        @GetMapping("/orders")
        long count() {
            return jdbc.sql("SELECT count(*) FROM example").query(Long.class).single();
        }
    }
}
