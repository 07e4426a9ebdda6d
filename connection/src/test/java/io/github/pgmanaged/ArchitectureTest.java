package io.github.pgmanaged;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The walls between the packages. */
class ArchitectureTest {
    private static final String API = "io.github.pgmanaged";
    private static final String INTERNAL = API + ".internal";

    private final JavaClasses classes = new ClassFileImporter().importPath(Path.of("target", "classes"));

    @Test
    void each_layer_knows_only_those_below_it() {
        layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(API, INTERNAL + "..")
                .layer("api")
                .definedBy(API)
                .layer("common")
                .definedBy(INTERNAL)
                .layer("lease")
                .definedBy(INTERNAL + ".lease")
                .layer("cure")
                .definedBy(INTERNAL + ".cure")
                .layer("jmx")
                .definedBy(INTERNAL + ".jmx")
                .layer("jfr")
                .definedBy(INTERNAL + ".jfr")
                .layer("listen")
                .definedBy(INTERNAL + ".listen")
                .layer("release")
                .definedBy(INTERNAL + ".release")
                .layer("session")
                .definedBy(INTERNAL + ".session")
                .layer("fence")
                .definedBy(INTERNAL + ".fence")
                .layer("time")
                .definedBy(INTERNAL + ".time")
                .ensureAllClassesAreContainedInArchitecture()
                .whereLayer("jmx")
                .mayOnlyBeAccessedByLayers("api")
                .whereLayer("lease")
                .mayOnlyBeAccessedByLayers("api", "jmx")
                .whereLayer("cure")
                .mayOnlyBeAccessedByLayers("lease")
                .whereLayer("jfr")
                .mayOnlyBeAccessedByLayers("lease")
                .whereLayer("listen")
                .mayOnlyBeAccessedByLayers("api", "lease")
                .whereLayer("release")
                .mayOnlyBeAccessedByLayers("lease")
                .whereLayer("session")
                .mayOnlyBeAccessedByLayers("lease", "release")
                .whereLayer("fence")
                .mayOnlyBeAccessedByLayers("api", "lease", "release", "session")
                .whereLayer("time")
                .mayOnlyBeAccessedByLayers("lease", "jfr", "listen", "release", "session", "fence", "common")
                .check(classes);
    }

    @Test
    void packages_have_no_cycles() {
        slices().matching(INTERNAL + ".(*)").should().beFreeOfCycles().check(classes);
    }

    @Test
    void the_inside_does_not_know_the_manager() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + "..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ManagedConnection.class)
                .check(classes);
    }

    @Test
    void time_knows_nothing_of_the_rest() {
        noClasses()
                .that()
                .resideInAPackage(INTERNAL + ".time")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(API, INTERNAL, "org.postgresql..")
                .check(classes);
    }

    @Test
    void the_exported_package_holds_nothing_but_the_public_api() {
        classes()
                .that()
                .resideInAPackage(API)
                .and()
                .doNotHaveSimpleName("package-info")
                .and()
                .areTopLevelClasses()
                .should()
                .bePublic()
                .check(classes);
    }
}
