package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The build runs some of the tests once more, with the oldest pgjdbc that is supported. */
class OldestDriverTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void a_session_of_the_driver_that_the_build_means_is_shared() throws SQLException {
        ManagedConnection manager = DB.manager();
        manager.useConnection(lease -> {
            String version = lease.getMetaData().getDriverVersion();
            assertThat(version).isEqualTo(System.getProperty("pgmanaged.driver", version));
        });
        manager.useTransaction(lease -> ManagedDatabase.insert(lease, "a"));
        assertThat(DB.rows()).isEqualTo(1);
    }
}
