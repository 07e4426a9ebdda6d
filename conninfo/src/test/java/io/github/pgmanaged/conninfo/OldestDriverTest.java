package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgmanaged.conninfo.internal.net.DriverVersion;
import org.junit.jupiter.api.Test;

/** The build runs some of the tests once more, with the oldest pgjdbc that is supported. */
class OldestDriverTest extends OnRealServer {
    @Test
    void the_driver_is_the_one_that_the_build_means() {
        assertThat(DriverVersion.present()).isEqualTo(System.getProperty("pgmanaged.driver", DriverVersion.present()));
    }

    @Test
    void an_authentication_that_the_driver_would_not_check_is_refused() throws Exception {
        LibpqDataSource source = Sources.of(server.tcp() + " user=postgres require_auth=none");
        if (System.getProperty("pgmanaged.driver") == null) {
            assertThat(Ask.one(source, "SELECT 1")).isEqualTo("1");
            return;
        }
        assertThatExceptionOfType(java.sql.SQLException.class)
                .isThrownBy(source::getConnection)
                .withMessageContaining("require_auth needs pgjdbc 42.7.11 or newer; pgjdbc " + DriverVersion.present());
    }
}
