package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** A native image can make what pgjdbc makes by name. */
class DriverHintsTest {
    @Test
    void each_socket_factory_of_ours_can_be_made() throws Exception {
        RuntimeHints hints = new RuntimeHints();
        SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
                .load(RuntimeHintsRegistrar.class)
                .stream()
                .filter(registrar -> registrar.getClass().getName().startsWith("io.github.pgmanaged"))
                .forEach(registrar -> registrar.registerHints(hints, getClass().getClassLoader()));
        List<Class<?>> factories = socketFactories();
        assertThat(factories).hasSizeGreaterThan(2);
        for (Class<?> factory : factories) {
            assertThat(RuntimeHintsPredicates.reflection()
                            .onConstructorInvocation(factory.getConstructor(Properties.class)))
                    .as(factory.getName())
                    .accepts(hints);
        }
    }

    /** All in the module of the connection strings that pgjdbc could make: it hands its properties to them. */
    private static List<Class<?>> socketFactories() throws Exception {
        Path classes = Path.of(LibpqDataSource.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (var jar = Files.isDirectory(classes) ? null : FileSystems.newFileSystem(classes)) {
            Path root = jar == null ? classes : jar.getPath("/");
            try (Stream<Path> files = Files.walk(root)) {
                return files.map(file -> root.relativize(file).toString())
                        .filter(file -> file.startsWith("io/github/pgmanaged/") && file.endsWith("Factory.class"))
                        .<Class<?>>map(file -> load(file.replace(".class", "").replace('/', '.')))
                        .filter(SocketFactory.class::isAssignableFrom)
                        .filter(type -> Stream.of(type.getConstructors())
                                .anyMatch(made ->
                                        List.of(made.getParameterTypes()).equals(List.of(Properties.class))))
                        .toList();
            }
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, DriverHintsTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
