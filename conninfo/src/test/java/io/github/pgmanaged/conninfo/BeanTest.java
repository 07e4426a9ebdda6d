package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.beans.PropertyDescriptor;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A {@link LibpqDataSource} that a framework makes and sets. */
class BeanTest extends OnRealServer {
    private final LibpqDataSource bean = new LibpqDataSource();

    @BeforeEach
    void role() throws SQLException {
        server.run("DROP ROLE IF EXISTS alice", "CREATE ROLE alice LOGIN");
    }

    private static String uri() {
        return "postgres://alice@127.0.0.1:" + server.port() + "/postgres";
    }

    @Test
    void its_properties_are_javas() throws IntrospectionException {
        assertThat(Arrays.stream(Introspector.getBeanInfo(LibpqDataSource.class).getPropertyDescriptors())
                        .filter(property -> property.getWriteMethod() != null)
                        .collect(Collectors.toMap(PropertyDescriptor::getName, PropertyDescriptor::getPropertyType)))
                .containsEntry("conninfo", String.class)
                .containsEntry("url", String.class)
                .containsEntry("user", String.class)
                .containsEntry("password", String.class)
                .containsEntry("loginTimeout", int.class)
                .containsEntry("logWriter", PrintWriter.class);
    }

    @Test
    void a_string_can_be_set() throws SQLException {
        bean.setConninfo(server.tcp() + " user=alice");
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("alice");
        bean.setConninfo(server.tcp() + " user=postgres");
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("postgres");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jdbc:libpq:", ""})
    void a_url_can_be_set(String prefix) throws SQLException {
        bean.setUrl(prefix + uri());
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("alice");
    }

    @Test
    void a_url_of_pgjdbcs_can_be_set() throws SQLException {
        bean.setUrl("jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres");
        bean.setUser("alice");
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("alice");
    }

    @Test
    void the_user_goes_before_the_strings_and_one_that_is_asked_for_before_both() throws SQLException {
        bean.setUrl(uri());
        bean.setUser("postgres");
        bean.setPassword("secret");
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("postgres");
        try (var connection = bean.getConnection("alice", null)) {
            assertThat(Ask.one(connection, "SELECT current_user")).isEqualTo("alice");
        }
        assertThat(Ask.one(bean.withFallbackApplicationName("x"), "SELECT current_user"))
                .isEqualTo("postgres");
        bean.setUser(null);
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("alice");
        assertThat(bean.toString()).doesNotContain("secret");
    }

    @Test
    void what_cannot_be_understood_is_refused_when_it_is_set_and_changes_nothing() throws SQLException {
        bean.setUrl(uri());
        for (String bad : new String[] {"jdbc:libpq:jdbc:postgresql://h/d", "jdbc:libpq:nosuch=1", "nosuch=1"}) {
            assertThatExceptionOfType(InvalidConnInfoException.class).as(bad).isThrownBy(() -> bean.setUrl(bad));
        }
        assertThatExceptionOfType(InvalidConnInfoException.class).isThrownBy(() -> bean.setConninfo("port=x host=h"));
        assertThat(Ask.one(bean, "SELECT current_user")).isEqualTo("alice");
    }

    @Test
    void warnings_go_to_the_log_writer_too() throws SQLException {
        StringWriter text = new StringWriter();
        assertThat(bean.getLogWriter()).isNull();
        bean.setLogWriter(new PrintWriter(text));
        bean.setConninfo(server.tcp() + " user=alice sslcompression=1 password=secret");
        bean.getConnection().close();
        bean.getConnection().close();
        assertThat(text.toString().lines())
                .singleElement()
                .asString()
                .contains("\"sslcompression\" (string) is ignored")
                .doesNotContain("secret");
        bean.setLogWriter(null);
        assertThat(bean.getLogWriter()).isNull();
    }
}
