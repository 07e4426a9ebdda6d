package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** What stands before the JDK's TLS socket. */
class StartTlsSocketTest {
    @Test
    void nothing_of_a_socket_is_its_own() {
        assertThat(Arrays.stream(SSLSocket.class.getMethods())
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .filter(method -> !isOverridden(method)))
                .isEmpty();
    }

    private static boolean isOverridden(Method method) {
        return Arrays.stream(StartTlsSocket.class.getDeclaredMethods())
                .anyMatch(own -> own.getName().equals(method.getName())
                        && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
    }
}
