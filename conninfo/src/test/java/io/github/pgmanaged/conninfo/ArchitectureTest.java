package io.github.pgmanaged.conninfo;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The walls between the packages. */
class ArchitectureTest {
    private static final String API = "io.github.pgmanaged.conninfo";
    private static final String INTERNAL = API + ".internal.";
    private static final Path COMPILED = Path.of("target", "classes");

    /** Values that know none of the others: what the inside may be given and may give. */
    private static final Class<?>[] VALUES = {
        Environment.class,
        InvalidConnInfoException.class,
        Keyword.class,
        Keyword.Handling.class,
        Setting.class,
        Source.class
    };

    private final JavaClasses classes = new ClassFileImporter().importPath(COMPILED);

    @Test
    void later_steps_know_earlier_ones_and_never_the_other_way_round() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(API + "..")
                .layer("api")
                .definedBy(API)
                .layer("parse")
                .definedBy(INTERNAL + "parse")
                .layer("resolve")
                .definedBy(INTERNAL + "resolve")
                .layer("connect")
                .definedBy(INTERNAL + "connect")
                .layer("net")
                .definedBy(INTERNAL + "net")
                .layer("tls")
                .definedBy(INTERNAL + "tls")
                .ensureAllClassesAreContainedInArchitecture()
                .whereLayer("parse")
                .mayOnlyBeAccessedByLayers("api", "resolve", "connect")
                .whereLayer("resolve")
                .mayOnlyBeAccessedByLayers("api", "connect")
                .whereLayer("connect")
                .mayOnlyBeAccessedByLayers("api")
                .whereLayer("net")
                .mayOnlyBeAccessedByLayers("connect", "tls")
                .whereLayer("tls")
                .mayOnlyBeAccessedByLayers("connect")
                .check(classes);
    }

    @Test
    void the_inside_knows_no_more_of_the_api_than_its_values() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + "(*)")
                .should()
                .dependOnClassesThat(resideInAPackage(API).and(not(belongToAnyOf(VALUES))))
                .check(classes);
    }

    @Test
    void sockets_and_tls_know_nothing_of_connection_strings() {
        noClasses()
                .that()
                .resideInAnyPackage(INTERNAL + "net", INTERNAL + "tls")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(API)
                .check(classes);
    }

    @Test
    void packages_have_no_cycles() {
        slices().matching(INTERNAL + "(*)").should().beFreeOfCycles().check(classes);
    }

    /** So what the inside is given cannot lead back to it; only a setting asks it what may be shown. */
    @Test
    void values_know_nothing_of_the_inside() {
        noClasses()
                .that(belongToAnyOf(VALUES).and(not(belongToAnyOf(Setting.class))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(INTERNAL + "(*)")
                .check(classes);
        noClasses()
                .that()
                .belongToAnyOf(Setting.class)
                .should()
                .dependOnClassesThat(resideInAPackage(INTERNAL + "(*)").and(not(resideInAPackage(INTERNAL + "parse"))))
                .check(classes);
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + "parse")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Setting.class)
                .check(classes);
    }

    @Test
    void the_exported_package_holds_nothing_but_the_public_api() {
        classes()
                .that()
                .resideInAPackage(API)
                .and()
                .areTopLevelClasses()
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .bePublic()
                .check(classes);
        assertThat(List.copyOf(classes))
                .filteredOn(type -> type.getPackageName().equals(API) && type.isTopLevelClass())
                .extracting(JavaClass::getSimpleName)
                .filteredOn(name -> !name.equals("package-info"))
                .containsExactlyInAnyOrder(
                        "Candidate",
                        "ConnInfo",
                        "ConnectFailedException",
                        "Environment",
                        "InvalidConnInfoException",
                        "Keyword",
                        "LibpqDataSource",
                        "LibpqDriver",
                        "Resolution",
                        "Setting",
                        "Source");
    }

    @Test
    void users_see_the_api_and_pgjdbc_and_the_manager_what_they_need() throws IOException {
        try (InputStream in = Files.newInputStream(COMPILED.resolve("module-info.class"))) {
            assertThat(ModuleDescriptor.read(in).exports())
                    .extracting(ModuleDescriptor.Exports::source, ModuleDescriptor.Exports::targets)
                    .containsExactlyInAnyOrder(
                            tuple(API, Set.of()),
                            tuple(INTERNAL + "net", Set.of("org.postgresql.jdbc", "io.github.pgmanaged")),
                            tuple(INTERNAL + "tls", Set.of("org.postgresql.jdbc")));
        }
    }
}
