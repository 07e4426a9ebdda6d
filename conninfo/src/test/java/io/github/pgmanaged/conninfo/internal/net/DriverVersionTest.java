package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.LibpqDriver;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Properties;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Another pgjdbc than the one that the library is built with. */
class DriverVersionTest {
    private static final String SENTENCE = "pgjdbc 42.7.5 is on the class path, and pgmanaged needs "
            + DriverVersion.OLDEST + " or newer: set the version of org.postgresql:postgresql";

    /** Loads a class of ours beside a pgjdbc that is too old. */
    private static Class<?> besideAnOldOne(URLClassLoader loader, Class<?> type) throws ClassNotFoundException {
        Class<?> loaded = loader.loadClass(type.getName());
        assertThat(loaded).isNotSameAs(type);
        return loaded;
    }

    private static URLClassLoader loader() throws Exception {
        URL[] urls = Stream.of(
                        Path.of("target", "classes").toUri(),
                        Path.of("target", "drivers", "postgresql-42.7.5.jar").toUri(),
                        org.slf4j.LoggerFactory.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                .map(uri -> {
                    try {
                        return uri.toURL();
                    } catch (java.net.MalformedURLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toArray(URL[]::new);
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    @Test
    void one_that_is_too_old_is_refused_with_both_versions() throws Exception {
        try (URLClassLoader loader = loader()) {
            DataSource source = (DataSource) besideAnOldOne(loader, LibpqDataSource.class)
                    .getConstructor(String.class)
                    .newInstance("host=localhost user=me");
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(source::getConnection)
                    .withMessageStartingWith(SENTENCE);
            Driver driver = (Driver)
                    besideAnOldOne(loader, LibpqDriver.class).getConstructor().newInstance();
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> driver.connect("jdbc:libpq:host=localhost user=me", new Properties()))
                    .withMessageStartingWith(SENTENCE);
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> driver.getPropertyInfo("jdbc:libpq:host=localhost", new Properties()))
                    .withMessageStartingWith(SENTENCE);
        }
    }

    @Test
    void the_one_that_is_there_will_do() throws SQLException {
        DriverVersion.check();
        assertThat(DriverVersion.present()).startsWith("42.");
    }

    @Test
    void a_manager_needs_one_that_can_be_looked_at_while_it_works() {
        assertThat(DriverVersion.objection("42.7.8", "a ManagedConnection", DriverVersion.OLDEST_OF_MANAGER))
                .startsWith("pgjdbc 42.7.8 is on the class path, and a ManagedConnection needs 42.7.9 or newer: set");
        assertThat(DriverVersion.objection("42.7.9", "a ManagedConnection", DriverVersion.OLDEST_OF_MANAGER))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "42.7.7, true",
        "42.7.8, false",
        "42.7.10, false",
        "42.6.99, true",
        "42.8.0, false",
        "43.0.0-SNAPSHOT, false",
        "9.4.1212.jre7, true",
        "42.7.4.jre7, true",
        "of an unknown version, false",
        "42, false"
    })
    void versions_are_compared_by_their_numbers(String version, boolean older) {
        assertThat(DriverVersion.isOlder(version, "42.7.8")).isEqualTo(older);
    }
}
