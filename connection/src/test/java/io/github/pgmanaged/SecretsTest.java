package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgmanaged.testing.Elsewhere;
import io.github.pgmanaged.testing.LogCapture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** No password in any text that the library can produce. */
class SecretsTest {
    private static final String SECRET = "hunter2-s3cret";

    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    @Test
    void no_text_holds_a_password() throws Exception {
        String uri = DB.conninfo();
        String role = "secretive_" + System.nanoTime();
        DB.update("CREATE ROLE " + role + " LOGIN PASSWORD '" + SECRET + "'");
        String working = uri.replaceFirst("postgres://([^/]*@)?", "postgres://" + role + ":" + SECRET + "@");
        String[] conninfos = {
            working,
            "postgres://postgres:" + SECRET + "@localhost:1/nowhere",
            "postgres://localhost:1/nowhere?user=a&password=" + SECRET,
            "postgresql://localhost:1/nowhere?sslpassword=" + SECRET,
            "host=localhost port=1 password=" + SECRET,
            "postgres://u:p?" + SECRET + "=x@localhost:1/nowhere",
            "jdbc:postgresql://localhost:1/nowhere?user=a&password=" + SECRET,
            "jdbc:postgresql://localhost:1/nowhere?user=a&sslpassword=" + SECRET + "&ssl=false",
            "jdbc:postgresql://localhost:1/nowhere&password=" + SECRET,
        };
        String[] malformed = {
            "postgres://postgres:" + SECRET + "%zz@localhost/a",
            "postgres://postgres:" + SECRET + "@localhost:port/a",
            "postgres://localhost/a?password=" + SECRET + "&nonsense=1",
            "postgres://localhost/a?password=" + SECRET + "=1",
            "postgres://localhost/a?password" + SECRET,
            "jdbc:postgresql://localhost:port/a?password=" + SECRET,
            "jdbc:postgresql://a:" + SECRET + "@localhost:port/a",
            "postgres://u:" + SECRET + "/x==@host/db",
            "postgres://u:a@" + SECRET + "@host/db",
            "password='" + SECRET,
            "password=a " + SECRET,
            "password=a " + SECRET + "=b",
            "postgres://u:12/" + SECRET + "@host/db",
            "jdbc:postgresql://u:" + SECRET + "/x@host:port/db",
        };
        List<String> texts = new ArrayList<>();
        try (LogCapture log = new LogCapture()) {
            for (String conninfo : conninfos) {
                try (ManagedConnection manager = ManagedConnection.builder(conninfo)
                        .acquireTimeout(java.time.Duration.ZERO)
                        .build()) {
                    texts.add(manager.toString());
                    texts.add(manager.stats().toString());
                    texts.add(manager.asDataSource().toString());
                    texts.add(text(catchThrowable(() -> use(manager, texts))));
                    texts.add(manager.toString());
                }
            }
            for (String conninfo : malformed) {
                Throwable refused = catchThrowable(() -> ManagedConnection.of(conninfo));
                assertThat(refused).as(conninfo).isInstanceOf(IllegalArgumentException.class);
                texts.add(text(refused));
            }
            texts.add(log.everything());
        }
        DB.update("DROP ROLE " + role);
        assertThat(texts).hasSizeGreaterThan(20).noneMatch(text -> text.contains(SECRET));
        assertThat(texts).anyMatch(text -> text.contains("ALTER ROLE CURRENT_USER PASSWORD ..."));
    }

    private static void use(ManagedConnection manager, List<String> texts) throws Exception {
        try (Lease lease = manager.acquire()) {
            texts.add(lease.toString());
            var statement = lease.prepareStatement("SELECT ?");
            statement.setString(1, SECRET);
            statement.executeQuery();
            texts.add(
                    text(Elsewhere.call(() -> catchThrowable(manager::acquire)).get()));
            lease.rollback();
            texts.add(
                    text(Elsewhere.call(() -> catchThrowable(manager::acquire)).get()));
            execute(lease, "ALTER ROLE CURRENT_USER PASSWORD '" + SECRET + "'");
        }
    }

    private static String text(Throwable thrown) {
        StringWriter text = new StringWriter();
        if (thrown != null) {
            thrown.printStackTrace(new PrintWriter(text, true));
        }
        return text.toString();
    }
}
