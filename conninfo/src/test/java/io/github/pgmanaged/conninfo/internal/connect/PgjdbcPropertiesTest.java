package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.internal.net.LibpqSocketFactory;
import io.github.pgmanaged.conninfo.internal.parse.ParsedConnInfo;
import io.github.pgmanaged.conninfo.internal.resolve.ResolvedConnInfo;
import io.github.pgmanaged.conninfo.internal.resolve.Resolver;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** What only the properties show. */
class PgjdbcPropertiesTest {
    @Test
    void keepalives_are_on_unless_they_are_switched_off() throws Exception {
        assertThat(properties("")).containsEntry("tcpKeepAlive", "true");
        assertThat(properties("keepalives=1")).containsEntry("tcpKeepAlive", "true");
        assertThat(properties("keepalives=0")).containsEntry("tcpKeepAlive", "false");
    }

    @Test
    void the_times_of_keepalives_reach_the_socket_factory() throws Exception {
        assertThat(properties("keepalives_idle=11 keepalives_interval=12 keepalives_count=13"))
                .containsEntry(LibpqSocketFactory.KEEPALIVES_IDLE, "11")
                .containsEntry(LibpqSocketFactory.KEEPALIVES_INTERVAL, "12")
                .containsEntry(LibpqSocketFactory.KEEPALIVES_COUNT, "13");
    }

    /** pgjdbc's "prefer" asks the server even where there is no ticket. */
    @Test
    void gss_encryption_is_asked_for_only_if_it_is_required() throws Exception {
        assertThat(properties("")).containsEntry("gssEncMode", "allow");
        assertThat(properties("gssencmode=prefer")).containsEntry("gssEncMode", "allow");
        assertThat(properties("gssencmode=disable")).containsEntry("gssEncMode", "disable");
        assertThat(properties("gssencmode=require krbsrvname=pg gsslib=gssapi"))
                .containsEntry("gssEncMode", "require")
                .containsEntry("kerberosServerName", "pg")
                .containsEntry("gsslib", "gssapi");
    }

    private static Properties properties(String conninfo) throws Exception {
        ResolvedConnInfo resolved = Resolver.resolve(
                ParsedConnInfo.parse("user=alice hostaddr=127.0.0.1 " + conninfo), Environment.empty());
        return PgjdbcProperties.of(
                resolved, Map.of(), Endpoint.of(resolved.servers().get(0)).get(0));
    }
}
