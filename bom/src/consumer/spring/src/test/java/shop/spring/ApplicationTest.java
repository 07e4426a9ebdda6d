package shop.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.junit.OneConnection;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class ApplicationTest {
    @RegisterExtension
    static final OneConnection ONE = OneConnection.ofApplication();

    @Test
    void an_application_with_the_starter_and_one_property_has_its_answer() throws Exception {
        try (EmbeddedPostgres server = EmbeddedPostgres.start();
                ConfigurableApplicationContext context = SpringApplication.run(
                        Application.class,
                        "--pgmanaged.conninfo=postgres://postgres@localhost:" + server.getPort() + "/postgres")) {
            ManagedConnection manager = ONE.watch(context.getBean(ManagedConnection.class));
            int answer = context.getBean(Application.class).answer();
            assertEquals(42, answer);
            assertEquals(1, manager.stats().leases());
            System.out.println("Spring: answer " + answer);
        }
    }
}
