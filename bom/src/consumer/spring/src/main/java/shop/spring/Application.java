package shop.spring;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

@SpringBootApplication
public class Application {
    private final JdbcClient jdbc;

    Application(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional
    public int answer() {
        return jdbc.sql("SELECT 42").query(Integer.class).single();
    }
}
