package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A process whose user has a number and no name, as in a container; Java says that the user is called "?". */
@EnabledOnOs({OS.LINUX, OS.MAC})
class NamelessUserTest extends OnRealServer {
    private final String name = System.getProperty("user.name");

    @BeforeEach
    void forget() {
        System.setProperty("user.name", "?");
    }

    @AfterEach
    void remember() {
        System.setProperty("user.name", name);
    }

    @Test
    void its_role_has_to_be_named() throws IOException {
        String who = Files.exists(Path.of("/proc/self"))
                ? "local user with ID " + Files.getAttribute(Path.of("/proc/self"), "unix:uid")
                : "the local user";
        assertThatExceptionOfType(SQLException.class)
                .isThrownBy(() -> Sources.of(server.tcp(), Environment.of(Map.of(), "?", "?"))
                        .getConnection())
                .withMessage(who + " does not exist: set user or PGUSER");
    }

    @Test
    void with_a_name_it_connects() throws Exception {
        assertThat(Ask.one(
                        Sources.of(server.tcp() + " user=postgres", Environment.of(Map.of(), "?", "?")),
                        "SELECT current_user"))
                .isEqualTo("postgres");
    }

    @Test
    void there_is_no_home_directory_called_a_question_mark() {
        assertThat(Environment.of(Map.of(), "?", "?").home()).isEmpty();
        assertThat(Environment.of(Map.of("HOME", "/somewhere"), "?", "?").home())
                .contains(Path.of("/somewhere"));
    }
}
