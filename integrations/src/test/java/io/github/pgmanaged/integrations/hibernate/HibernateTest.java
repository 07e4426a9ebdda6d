package io.github.pgmanaged.integrations.hibernate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.integrations.Applications;
import io.github.pgmanaged.spring.boot.PgmanagedAutoConfiguration;
import io.github.pgmanaged.testing.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionTemplate;

/** Hibernate through Boot. Identifiers that it keeps in a table take a second connection. */
class HibernateTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    @Configuration(proxyBeanMethods = false)
    @AutoConfigurationPackage
    @ImportAutoConfiguration({
        PgmanagedAutoConfiguration.class,
        HibernateJpaAutoConfiguration.class,
        TransactionAutoConfiguration.class
    })
    static class Shop {}

    @Entity(name = "Item")
    static class Item {
        @Id
        @GeneratedValue(strategy = GenerationType.SEQUENCE)
        Long id;

        String name;
    }

    @Entity(name = "Counted")
    static class Counted {
        @Id
        @GeneratedValue(strategy = GenerationType.IDENTITY)
        Long id;
    }

    @Entity(name = "Numbered")
    static class Numbered {
        @Id
        @GeneratedValue(strategy = GenerationType.TABLE)
        Long id;
    }

    @Test
    void entities_work_on_the_one_connection_but_for_identifiers_in_a_table() throws Exception {
        ConfigurableApplicationContext context =
                Applications.run(DB, Shop.class, "spring.jpa.hibernate.ddl-auto=create");
        EntityManager entities =
                SharedEntityManagerCreator.createSharedEntityManager(context.getBean(EntityManagerFactory.class));
        TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
        transaction.executeWithoutResult(status -> {
            Item item = new Item();
            item.name = "a book";
            entities.persist(item);
            entities.persist(new Counted());
        });
        assertThat(transaction.<Long>execute(status -> entities.createQuery(
                                "SELECT count(i) FROM Item i WHERE i.name = 'a book'", Long.class)
                        .getSingleResult()))
                .isEqualTo(1);
        assertThat(entities.createQuery("FROM Item", Item.class).getResultList())
                .hasSize(1); // outside a transaction
        DB.awaitSessions(1);
        assertThat(context.getBean(ManagedConnection.class).holder()).isEmpty();

        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> entities.persist(new Numbered())))
                .rootCause()
                .hasMessageContaining("holds the lease")
                .hasMessageContaining(
                        "(GenerationType.TABLE) on a connection of their own: use GenerationType.SEQUENCE");
    }

    @Test
    void a_rolled_back_row_is_gone_where_hibernate_relies_on_the_provider_to_disable_autocommit() throws Exception {
        ConfigurableApplicationContext context = Applications.run(
                DB,
                Shop.class,
                "pgmanaged.auto-commit=false",
                "spring.jpa.properties.hibernate.connection.provider_disables_autocommit=true",
                "spring.jpa.hibernate.ddl-auto=create");
        EntityManager entities =
                SharedEntityManagerCreator.createSharedEntityManager(context.getBean(EntityManagerFactory.class));
        TransactionTemplate transaction = context.getBean(TransactionTemplate.class);
        for (boolean commits : new boolean[] {false, true}) {
            transaction.executeWithoutResult(status -> {
                Item item = new Item();
                item.name = "a book";
                entities.persist(item);
                entities.flush();
                if (!commits) {
                    status.setRollbackOnly();
                }
            });
            assertThat(DB.query("SELECT count(*) FROM Item")).isEqualTo(commits ? "1" : "0");
        }
    }

    @Test
    void told_that_connections_begin_with_autocommit_off_it_takes_the_lease_with_the_first_sql() {
        ManagedConnection manager = DB.closing(ManagedConnection.of(DB.conninfo()));
        SessionFactory sessions = DB.closing(wired(manager));
        sessions.inTransaction(session -> assertThat(manager.holder()).isEmpty());
        sessions.inTransaction(session -> {
            session.persist(new Counted());
            assertThat(manager.holder()).isPresent();
        });
        assertThatThrownBy(() -> sessions.inTransaction(session -> {
                    session.persist(new Counted());
                    throw new IllegalStateException("undo");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(sessions.<Long>fromTransaction(
                        session -> session.createQuery("SELECT count(c) FROM Counted c", Long.class)
                                .getSingleResult()))
                .isEqualTo(1);
        assertThat(manager.holder()).isEmpty();
    }

    private static SessionFactory wired(ManagedConnection manager) {
        var configuration = new org.hibernate.cfg.Configuration().addAnnotatedClass(Counted.class);
        configuration.setProperty("hibernate.hbm2ddl.auto", "create");
        configuration.getProperties().put("hibernate.connection.datasource", manager.asDataSource(false));
        configuration.setProperty("hibernate.connection.provider_disables_autocommit", true);
        return configuration.buildSessionFactory();
    }
}
