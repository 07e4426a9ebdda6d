package io.github.pgmanaged.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedConnection;
import io.github.pgmanaged.testing.TestDatabase;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Boot's test slices have the managed connection, too. Each test is a transaction, which is rolled back. */
@JdbcTest
@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
@ContextConfiguration(classes = SliceTest.Empty.class)
class SliceTest {
    @RegisterExtension
    static final TestDatabase DB = new TestDatabase();

    static class Empty {}

    @DynamicPropertySource
    static void server(DynamicPropertyRegistry registry) {
        registry.add("pgmanaged.conninfo", DB::conninfo);
    }

    @Test
    void a_slice_of_jdbc_works_on_it(
            @Autowired JdbcClient jdbc, @Autowired ManagedConnection manager, @Autowired DataSource source)
            throws Exception {
        assertThat(source.unwrap(ManagedConnection.class)).isSameAs(manager);
        jdbc.sql("CREATE TABLE rolled_back (id int)").update();
        assertThat(manager.holder()).isPresent();
    }
}
