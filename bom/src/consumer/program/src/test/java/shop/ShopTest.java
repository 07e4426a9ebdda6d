package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.junit.OneConnection;
import io.github.pgmanaged.micrometer.ManagedConnectionMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ShopTest {
    @RegisterExtension
    static final OneConnection ONE = OneConnection.embedded();

    @Test
    void a_program_that_is_a_module_has_its_answer_and_its_metrics() throws Exception {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        int answer = new Shop(ONE.manager(), registry).answer();
        assertEquals(42, answer);
        assertEquals(1, registry.get("db.client.connection.use_time").timer().count());
        assertTrue(Shop.class.getModule().isNamed());
        assertTrue(ManagedConnection.class.getModule().isNamed());
        assertTrue(ManagedConnectionMetrics.class.getModule().isNamed());
        System.out.println("module path: answer " + answer + ", tested from " + OneConnection.class.getModule());
    }
}
