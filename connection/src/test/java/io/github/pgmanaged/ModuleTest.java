package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the module shows, and what it needs. */
class ModuleTest {
    private static ModuleDescriptor read() throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("target", "classes", "module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    @Test
    void only_the_public_package_is_exported_and_the_core_stays_lean() throws Exception {
        ModuleDescriptor module = read();
        assertThat(module.exports())
                .filteredOn(exports -> exports.isQualified())
                .singleElement()
                .satisfies(exports -> {
                    assertThat(exports.source()).isEqualTo("io.github.pgmanaged.internal");
                    assertThat(exports.targets())
                            .containsExactlyInAnyOrder("io.github.pgmanaged.junit", "io.github.pgmanaged.micrometer");
                });
        assertThat(module.exports())
                .filteredOn(exports -> !exports.isQualified())
                .extracting(ModuleDescriptor.Exports::source)
                .containsExactly("io.github.pgmanaged");
        assertThat(module.requires())
                .filteredOn(r -> !r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC))
                .extracting(ModuleDescriptor.Requires::name)
                .containsExactlyInAnyOrder(
                        "java.base", "java.sql", "io.github.pgmanaged.conninfo", "org.postgresql.jdbc", "org.slf4j");
    }
}
