package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.DatabaseErrors;
import io.github.pgmanaged.InitialFailure;
import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.SessionReset;
import io.github.pgmanaged.internal.Options;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What can be set is what the builder can be told. */
class PropertiesTest {
    /** A hook is no text: a {@link ManagedConnectionBuilderCustomizer} sets it. */
    private static final List<String> NO_PROPERTIES = List.of("onOpen");

    /** A value of each option, other than its default; and what the option is then. */
    private static final Map<String, Object> VALUES = new HashMap<>();

    static {
        VALUES.put("name", "orders");
        VALUES.put("autoCommit", true);
        VALUES.put("initialFailure", InitialFailure.RETRY);
        VALUES.put("acquireTimeout", Duration.ofSeconds(31));
        VALUES.put("releaseTimeout", Duration.ofSeconds(6));
        VALUES.put("validateAfterIdle", Duration.ofMillis(501));
        VALUES.put("maxWaiting", 7);
        VALUES.put("databaseErrors", DatabaseErrors.RESET_ALWAYS);
        VALUES.put("slowLeaseWarning", Duration.ofSeconds(11));
        VALUES.put("maxLease", Duration.ofMinutes(2));
        VALUES.put("leaseIdleTimeout", Duration.ofMinutes(3));
        VALUES.put("maxLifetime", Duration.ofHours(4));
        VALUES.put("idleTimeout", Duration.ofMinutes(5));
        VALUES.put("sessionReset", SessionReset.FULL);
        VALUES.put("verifyCommits", true);
        VALUES.put("traceLeases", true);
        VALUES.put("registerMBean", true);
    }

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(PgmanagedAutoConfiguration.class))
            .withPropertyValues("pgmanaged.conninfo=postgres://nowhere.invalid/orders");

    private static List<String> options() {
        return Stream.of(ManagedConnection.Builder.class.getMethods())
                .filter(method -> method.getReturnType() == ManagedConnection.Builder.class)
                .map(Method::getName)
                .filter(option -> !NO_PROPERTIES.contains(option))
                .toList();
    }

    @Test
    void each_option_of_the_builder_has_a_property() {
        assertThat(Stream.of(PgmanagedProperties.class.getRecordComponents()).map(RecordComponent::getName))
                .containsAll(options());
        assertThat(VALUES.keySet()).containsExactlyInAnyOrderElementsOf(options());
    }

    @Test
    void each_property_reaches_the_builder() {
        String[] properties = VALUES.entrySet().stream()
                .map(entry -> "pgmanaged." + dashed(entry.getKey()) + "=" + text(entry.getValue()))
                .toArray(String[]::new);
        runner.withPropertyValues(properties).run(context -> {
            Options built = options(context.getBean(ManagedConnection.class));
            for (String option : options()) {
                assertThat(value(built, option)).as(option).isEqualTo(VALUES.get(option));
            }
        });
    }

    @Test
    void what_is_not_set_has_the_default_of_the_builder() {
        Options defaults = options(ManagedConnection.of("postgres://nowhere.invalid/orders"));
        runner.run(context -> {
            Options built = options(context.getBean(ManagedConnection.class));
            for (String option : options()) {
                assertThat(value(built, option)).as(option).isEqualTo(value(defaults, option));
            }
        });
    }

    @Test
    void the_name_is_that_of_the_application() {
        runner.withPropertyValues("spring.application.name=shop")
                .run(context -> assertThat(
                                context.getBean(ManagedConnection.class).toString())
                        .contains("shop"));
    }

    @Test
    void a_customizer_has_the_last_word() {
        runner.withPropertyValues("pgmanaged.name=property")
                .withBean(ManagedConnectionBuilderCustomizer.class, () -> builder -> builder.name("customizer"))
                .run(context -> assertThat(
                                context.getBean(ManagedConnection.class).toString())
                        .contains("customizer"));
    }

    @Test
    void a_value_that_the_builder_refuses_is_named_with_its_property() {
        runner.withPropertyValues("pgmanaged.max-lease=0s")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("pgmanaged.max-lease")
                        .hasMessageContaining("must not be zero"));
    }

    @Test
    void each_property_is_described_for_editors() throws Exception {
        String metadata;
        try (var in = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            metadata = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (RecordComponent property : PgmanagedProperties.class.getRecordComponents()) {
            assertThat(metadata)
                    .containsPattern("(?s)\\{[^{}]*\"name\": \"pgmanaged." + dashed(property.getName())
                            + "\"[^{}]*\"description\": \"[^\"]{10,}");
        }
    }

    private static String dashed(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String text(Object value) {
        return value instanceof Duration duration ? duration.toMillis() + "ms" : value.toString();
    }

    /** What a manager was built with it shows to nobody. */
    private static Options options(ManagedConnection manager) {
        try {
            Field options = ManagedConnection.class.getDeclaredField("options");
            options.setAccessible(true);
            return (Options) options.get(manager);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Object value(Options options, String option) throws ReflectiveOperationException {
        String accessor = option.equals("name") ? "nameOrTarget" : option;
        return Options.class.getMethod(accessor).invoke(options);
    }
}
