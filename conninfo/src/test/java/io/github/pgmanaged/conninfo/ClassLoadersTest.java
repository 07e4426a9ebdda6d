package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Class loaders, as application servers and thread pools have them. */
class ClassLoadersTest extends OnRealServer {
    /** What a thread has for its context. */
    enum Context {
        PLATFORM(ClassLoader.getPlatformClassLoader()),
        NONE(null);

        final ClassLoader loader;

        Context(ClassLoader loader) {
            this.loader = loader;
        }
    }

    private static String user(DataSource source, ClassLoader context) throws Exception {
        FutureTask<String> task = new FutureTask<>(() -> {
            try (Connection connection = source.getConnection()) {
                assertThat(Thread.currentThread().getContextClassLoader()).isSameAs(context);
                return Ask.one(connection, "SELECT current_user");
            }
        });
        Thread thread = new Thread(task);
        thread.setContextClassLoader(context);
        thread.start();
        return task.get(60, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void a_connection_opens_whatever_the_threads_context_is(Context context) throws Exception {
        assertThat(user(Sources.of(server.tcp() + " user=postgres connect_timeout=30"), context.loader))
                .isEqualTo("postgres");
        assertThat(user(Sources.of(server.socket() + " user=postgres"), context.loader))
                .isEqualTo("postgres");
        assertThat(user(
                        new LibpqDataSource("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=postgres"),
                        context.loader))
                .isEqualTo("postgres");
    }

    /** pgjdbc lies in an application server's lib folder, this library in the application. */
    @ParameterizedTest
    @EnumSource
    void a_connection_opens_with_pgjdbc_in_a_parent_class_loader(Context context) throws Exception {
        URL[] shared = Stream.of(
                        org.postgresql.Driver.class,
                        org.slf4j.LoggerFactory.class,
                        org.newsclub.net.unix.AFUNIXSocket.class,
                        Class.forName("org.newsclub.lib.junixsocket.common.NarMetadata"))
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .toArray(URL[]::new);
        URL[] own = {Path.of("target", "classes").toUri().toURL()};
        try (URLClassLoader parent = new URLClassLoader(shared, ClassLoader.getPlatformClassLoader());
                URLClassLoader child = new URLClassLoader(own, parent)) {
            Class<?> type = child.loadClass(LibpqDataSource.class.getName());
            assertThat(type).isNotSameAs(LibpqDataSource.class);
            for (String where : new String[] {server.tcp(), server.socket()}) {
                DataSource source =
                        (DataSource) type.getConstructor(String.class).newInstance(where + " user=postgres");
                assertThat(user(source, context.loader)).isEqualTo("postgres");
            }
        }
    }

    @Test
    void the_driver_opens_in_a_thread_without_a_context() throws Exception {
        FutureTask<String> task = new FutureTask<>(() -> {
            try (Connection connection = DriverManager.getConnection("jdbc:libpq:" + server.tcp() + " user=postgres")) {
                return Ask.one(connection, "SELECT current_user");
            }
        });
        Thread thread = new Thread(task);
        thread.setContextClassLoader(null);
        thread.start();
        assertThat(task.get(60, TimeUnit.SECONDS)).isEqualTo("postgres");
    }
}
