package io.github.pgmanaged.fences;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A method that would let the driver's own object out of a lease does not compile. */
class ForwardingProcessorTest {
    private static final String A_FENCE = """
            package io.github.pgmanaged.internal.fence;
            @Forwards(value = org.postgresql.Room.class, byHand = "mended")
            abstract class FencedRoom extends ForwardingRoom {
                FencedRoom(Fence fence, org.postgresql.Room delegate) { super(fence, delegate); }
            }""";

    @TempDir
    Path folder;

    /** Compiles a fence before an interface that has this method. */
    private Compilation withMethod(String method) {
        return Compilation.of(
                folder,
                A_FENCE,
                """
                package org.postgresql;
                public interface Room { %s throws java.sql.SQLException; }""".formatted(method),
                "package org.postgresql; public class Manager {}",
                "package org.postgresql; public interface PGNotification {}",
                "package org.postgresql; public interface Modes { enum Mode { ON } }");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.sql.Ref                                               | java.sql.Ref",
                "java.sql.Ref[]                                             | java.sql.Ref",
                "java.util.List<java.sql.Ref>                               | java.sql.Ref",
                "java.util.Optional<? extends java.sql.Ref>                 | java.sql.Ref",
                "java.util.Map<String, java.util.List<java.sql.Ref[]>>      | java.sql.Ref",
                "java.util.List<java.sql.Array>                             | java.sql.Array",
                "javax.sql.PooledConnection                                 | javax.sql.PooledConnection",
                "org.postgresql.Room                                 | org.postgresql.Room",
                "org.postgresql.Manager                                     | org.postgresql.Manager",
                "java.util.Map<String, Object>                              | java.lang.Object",
                "java.util.List<?>                                          | ?",
                "<T> T                                                      | T"
            })
    void what_is_forgotten_fails_the_build_which_says_what_and_where(String returned, String leak) {
        assertThat(withMethod(returned + " forgotten(int i)").errors())
                .singleElement()
                .asString()
                .startsWith("FencedRoom: Room.")
                .contains("forgotten(int) gives out the driver's own " + leak + ", which would outlive the lease.")
                .contains("write forgotten by hand and name it in byHand");
    }

    @Test
    void what_is_written_by_hand_does_not_fail_the_build() {
        assertThat(withMethod("java.sql.Ref mended()").errors()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "int",
                "String",
                "byte[]",
                "java.util.Map<String, Class<?>>",
                "java.sql.Date",
                "java.sql.SQLWarning",
                "java.sql.RowId",
                "java.sql.RowIdLifetime",
                "org.postgresql.PGNotification[]",
                "org.postgresql.Modes.Mode"
            })
    void what_is_a_value_is_returned_as_it_is(String type) {
        Compilation made = withMethod(type + " value()");

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom")).contains("return delegate.value();");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.sql.Array        | fenced",
                "java.io.Reader        | fenced",
                "Object                | fencedObject",
                "Object[]              | fencedObjects"
            })
    void what_handle_can_fence_is_fenced(String type, String fencing) {
        Compilation made = withMethod(type + " handle()");

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom")).contains("return " + fencing + "(delegate.handle());");
    }

    @Test
    void what_the_caller_names_the_type_of_is_fenced_as_that_type() {
        Compilation made = withMethod("<T> T handle(String column, Class<T> type)");

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom")).contains("return fenced(type, delegate.handle(column, type));");
    }

    @ParameterizedTest
    @ValueSource(strings = {"java.sql.Array", "org.postgresql.Room", "Object", "Object[]"})
    void what_can_be_a_fenced_object_reaches_the_driver_as_it_made_it(String type) {
        Compilation made = withMethod("void take(%s argument)".formatted(type));

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom")).contains("delegate.take(unfenced(argument));");
    }

    @ParameterizedTest
    @ValueSource(strings = {"java.sql.Ref", "String", "int"})
    void what_cannot_be_a_fenced_object_is_passed_on(String type) {
        Compilation made = withMethod("void take(%s argument)".formatted(type));

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom")).contains("delegate.take(argument);");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"void free()      | return;", "boolean isOn()   | return false;"})
    void what_is_harmless_is_no_error_once_the_lease_is_released(String method, String answer) {
        Compilation made = Compilation.of(
                folder, A_FENCE.replace("byHand", "harmless = {\"free\", \"isOn\"}, byHand"), """
                package org.postgresql;
                public interface Room { %s throws java.sql.SQLException; }""".formatted(method));

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom").replaceAll("\\s+", " "))
                .contains("if (!fence.gate().tryEnter()) { " + answer + " }");
    }

    @Test
    void what_is_local_passes_the_gate_all_the_same_where_the_handle_says_that_it_is_not() {
        Compilation made = Compilation.of(
                folder,
                A_FENCE.replace("Room.class,", "Room.class, local = \"look\","),
                "package org.postgresql; public interface Room { void look() throws java.sql.SQLException; }");

        assertThat(made.errors()).isEmpty();
        assertThat(made.source("ForwardingRoom").replaceAll("\\s+", " "))
                .contains("if (isLocal()) { fence.check(); try { delegate.look(); } catch (SQLException e)"
                        + " { throw fence.failed(e); } return; } fence.enter(); try { delegate.look(); }")
                .contains("catch (Error e) { fence.brokeOff(e); throw e; } finally { fence.exit(\"Room.look\"); }");
    }

    @Test
    void what_else_the_driver_puts_on_the_same_object_is_watched_too() {
        Compilation made = Compilation.of(
                folder,
                A_FENCE.replace("Room.class,", "Room.class, also = org.postgresql.Annex.class,"),
                "package org.postgresql; public interface Room extends java.sql.Wrapper {}",
                "package org.postgresql; public interface Annex { java.sql.Ref forgotten(); }");

        assertThat(made.errors())
                .singleElement()
                .asString()
                .startsWith("FencedRoom: Annex.forgotten() gives out the driver's own java.sql.Ref");
    }
}
