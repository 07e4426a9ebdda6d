package shop.tested;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.pgmanaged.junit.OneConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class OrdersTest {
    @RegisterExtension
    static final OneConnection ONE = OneConnection.embedded();

    @Test
    void the_extension_for_tests_is_a_module_too() throws Exception {
        int answer = new Orders(ONE.dataSource()).answer();
        assertEquals(42, answer);
        assertEquals("io.github.pgmanaged.junit", OneConnection.class.getModule().getName());
        System.out.println("extension as a module: answer " + answer);
    }
}
