package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.pgmanaged.conninfo.LibpqDataSource;
import io.github.pgmanaged.conninfo.LibpqDriver;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Driver;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import jdk.jfr.Event;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;
import net.bytebuddy.matcher.ElementMatchers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What a native image is told of classes that are reached by their names: {@code reachability-metadata.json} of each
 * jar. Nothing is missing, and what is named exists.
 */
public class NativeImageTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final List<String> ARTIFACTS = List.of("pgmanaged-conninfo", "pgmanaged");
    private static final Set<String> KEYS =
            Set.of("type", "methods", "allDeclaredFields", "allPublicMethods", "condition", "fields");

    /** Ours that pgjdbc was told of by their names. */
    private static final Set<String> GIVEN = new ConcurrentSkipListSet<>();

    /** Runs in the driver's class. */
    public static final class Recorder {
        private Recorder() {}

        @Advice.OnMethodEnter
        static void enter(@Advice.Argument(1) Properties properties) {
            NativeImageTest.record(properties);
        }
    }

    public static void record(Properties properties) {
        properties.stringPropertyNames().stream()
                .map(properties::getProperty)
                .filter(value -> value.startsWith("io.github.pgmanaged."))
                .forEach(GIVEN::add);
    }

    private static List<JsonObject> entries(String artifact) throws Exception {
        String file = "META-INF/native-image/io.github.pgmanaged/" + artifact + "/reachability-metadata.json";
        try (InputStream in = NativeImageTest.class.getClassLoader().getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            JsonObject all = JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            assertThat(all.keySet()).containsExactly("reflection");
            return StreamSupport.stream(all.getAsJsonArray("reflection").spliterator(), false)
                    .map(JsonElement::getAsJsonObject)
                    .toList();
        }
    }

    private static Stream<JsonObject> named(String artifact) throws Exception {
        return entries(artifact).stream().filter(entry -> entry.get("type").isJsonPrimitive());
    }

    private static String type(JsonObject entry) {
        return entry.get("type").getAsString();
    }

    private static Class<?> load(String name) throws ClassNotFoundException {
        return Class.forName(name, false, NativeImageTest.class.getClassLoader());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pgmanaged-conninfo", "pgmanaged"})
    void each_class_and_each_method_that_is_named_exists(String artifact) throws Exception {
        assertThat(ARTIFACTS).contains(artifact);
        for (JsonObject entry : entries(artifact)) {
            assertThat(KEYS).containsAll(entry.keySet());
            if (entry.get("type").isJsonObject()) {
                for (JsonElement proxied : entry.getAsJsonObject("type").getAsJsonArray("proxy")) {
                    assertThat(load(proxied.getAsString())).isInterface();
                }
                continue;
            }
            Class<?> named = load(type(entry));
            if (entry.has("methods")) {
                for (JsonElement method : entry.getAsJsonArray("methods")) {
                    assertExists(named, method.getAsJsonObject());
                }
            }
        }
    }

    private static void assertExists(Class<?> named, JsonObject method) throws Exception {
        List<Class<?>> parameters = new ArrayList<>();
        for (JsonElement parameter : method.getAsJsonArray("parameterTypes")) {
            parameters.add(load(parameter.getAsString()));
        }
        Class<?>[] types = parameters.toArray(Class<?>[]::new);
        String name = method.get("name").getAsString();
        assertThat(name.equals("<init>") ? named.getConstructor(types) : named.getMethod(name, types))
                .isNotNull();
    }

    @Test
    void all_classes_that_pgjdbc_is_given_by_name_and_no_others_can_be_made() throws Exception {
        ByteBuddyAgent.install();
        ClassReloadingStrategy strategy = ClassReloadingStrategy.fromInstalledAgent();
        new ByteBuddy()
                .redefine(org.postgresql.Driver.class)
                .visit(Advice.to(Recorder.class).on(ElementMatchers.named("connect")))
                .make()
                .load(org.postgresql.Driver.class.getClassLoader(), strategy);
        try {
            try (ManagedConnection manager = ManagedConnection.of(DB.conninfo())) {
                manager.open();
            }
            PGSimpleDataSource source = DB.pgjdbcSource();
            String url = source.getURL() + "&user=" + source.getUser()
                    + (source.getPassword() == null ? "" : "&password=" + source.getPassword());
            try (ManagedConnection manager = ManagedConnection.of(url)) {
                manager.open();
            }
            new LibpqDataSource(DB.conninfo()).getConnection().close();
            new LibpqDataSource(url).getConnection().close();
        } finally {
            strategy.reset(org.postgresql.Driver.class);
        }
        Set<String> expected = new TreeSet<>(GIVEN);
        expected.add(LibpqDriver.class.getName());
        assertThat(named("pgmanaged-conninfo").map(NativeImageTest::type))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(expected).hasSizeGreaterThan(3);
    }

    @Test
    void the_driver_that_is_found_as_a_service_can_be_made() throws Exception {
        List<String> ours = ServiceLoader.load(Driver.class).stream()
                .map(provider -> provider.type().getName())
                .filter(name -> name.startsWith("io.github.pgmanaged."))
                .toList();
        assertThat(ours).isNotEmpty();
        assertThat(named("pgmanaged-conninfo").map(NativeImageTest::type)).containsAll(ours);
    }

    @Test
    void every_event_of_the_flight_recorder_is_known() throws Exception {
        Path events = Path.of(ManagedConnection.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve("io/github/pgmanaged/internal/jfr");
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(events)) {
            for (Path file : files.toList()) {
                String name = "io.github.pgmanaged.internal.jfr."
                        + file.getFileName().toString().replace(".class", "");
                if (Event.class.isAssignableFrom(load(name))) {
                    found.add(name);
                }
            }
        }
        assertThat(found).isNotEmpty();
        assertThat(named("pgmanaged").map(NativeImageTest::type).filter(name -> name.contains(".jfr.")))
                .containsExactlyInAnyOrderElementsOf(found);
    }

    @Test
    void what_jmx_shows_is_known() throws Exception {
        assertThat(named("pgmanaged")
                        .filter(entry -> entry.has("allPublicMethods"))
                        .map(NativeImageTest::type))
                .contains(ManagedConnectionMXBean.class.getName());
    }
}
