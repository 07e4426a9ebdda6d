package io.github.pgmanaged.spring.boot;

import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/** For native images: the classes of ours that pgjdbc makes by their name. (Its own are in the shared repository.) */
final class DriverHints implements RuntimeHintsRegistrar {
    private static final String INTERNAL = "io.github.pgmanaged.conninfo.internal.";

    /** Each with a constructor that takes properties. */
    static final List<String> FACTORIES = List.of(
            INTERNAL + "net.LibpqSocketFactory",
            INTERNAL + "net.OwnedSocketFactory",
            INTERNAL + "tls.TlsSocketFactory");

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        for (String factory : FACTORIES) {
            hints.reflection()
                    .registerType(
                            TypeReference.of(factory),
                            type -> type.withConstructor(
                                    List.of(TypeReference.of(Properties.class)), ExecutableMode.INVOKE));
        }
    }
}
