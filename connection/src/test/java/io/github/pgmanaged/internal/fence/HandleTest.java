package io.github.pgmanaged.internal.fence;

import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.Lease;
import io.github.pgmanaged.ManagedDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Clob;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.Struct;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What JDBC knows and pgjdbc does not give yet is fenced as well, and so is what is inside arrays. It stands for a
 * later pgjdbc, and for what a data source may put around it.
 */
class HandleTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @ParameterizedTest
    @ValueSource(classes = {NClob.class, Ref.class, Struct.class})
    void a_handle_that_pgjdbc_does_not_give_yet_dies_with_the_lease_too(Class<?> type) throws Exception {
        Lease lease = DB.manager().acquire();
        Object fenced = ((Handle) lease).fencedObject(raw(type, null));
        assertThat(fenced).isInstanceOf(type).isInstanceOf(Handle.class);
        for (Method method : type.getMethods()) {
            invoke(fenced, method);
        }

        lease.close();

        for (Method method : type.getMethods()) {
            if (method.getName().equals("free")) {
                invoke(fenced, method);
            } else {
                assertThat(state(() -> invoke(fenced, method)))
                        .as(method.toString())
                        .isEqualTo("08003");
            }
        }
    }

    @Test
    void a_national_clob_stays_one_where_it_is_taken_for_a_clob() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            Clob clob = raw(NClob.class, null);

            assertThat(((Handle) lease).fenced(clob)).isInstanceOf(FencedNClob.class);
        }
    }

    @Test
    void what_is_inside_a_struct_or_an_array_is_fenced_and_reaches_the_driver_as_it_made_it() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            Handle handle = (Handle) lease;
            Array array = raw(Array.class, null);
            Object[] attributes = {1, array, new Object[][] {{array}}};
            Struct struct = handle.fenced((Struct) raw(Struct.class, attributes));

            Object[] fenced = struct.getAttributes();

            assertThat(fenced[0]).isEqualTo(1);
            assertThat(fenced[1]).isInstanceOf(FencedArray.class);
            assertThat(((Object[][]) fenced[2])[0][0]).isInstanceOf(FencedArray.class);
            assertThat(attributes[1]).isSameAs(array);
            assertThat(handle.unfenced(fenced)).isEqualTo(attributes);
            assertThat(fenced[1]).isInstanceOf(FencedArray.class);
        }
    }

    @Test
    void what_belongs_to_another_managers_lease_stays_behind_that_leases_fence_until_its_release() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            Lease other = DB.manager().acquire();
            Handle handle = (Handle) lease;
            Array array = ((Handle) other).fenced(raw(Array.class, null));
            Object[] elements = {array};

            assertThat(handle.unfenced(array)).isSameAs(array);
            assertThat(handle.unfenced(elements)).isSameAs(elements);
            other.close();

            assertThat(state(() -> handle.unfenced(array))).isEqualTo("08003");
            assertThat(state(() -> handle.unfenced(elements))).isEqualTo("08003");
        }
    }

    @Test
    void an_array_of_values_stays_the_same_array() throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            for (Object array : List.of(new Integer[] {1}, new int[][] {{1}}, new Object[] {"a", 1})) {
                assertThat(((Handle) lease).fencedObject(array)).isSameAs(array);
                assertThat(((Handle) lease).unfenced(array)).isSameAs(array);
            }
        }
    }

    /** An object of the driver's that returns this, or nothing, from each method that returns an object. */
    private static <T> T raw(Class<T> type, Object result) {
        return type.cast(Proxy.newProxyInstance(
                HandleTest.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> "a raw " + type.getSimpleName();
                    default -> method.getReturnType().isPrimitive() ? zero(method.getReturnType()) : result;
                }));
    }

    private static void invoke(Object target, Method method) throws Exception {
        try {
            method.invoke(
                    target,
                    Arrays.stream(method.getParameterTypes())
                            .map(HandleTest::zero)
                            .toArray());
        } catch (InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    /** The value that a field of this type has at first. */
    private static Object zero(Class<?> type) {
        return type == void.class ? null : java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(type, 1), 0);
    }
}
