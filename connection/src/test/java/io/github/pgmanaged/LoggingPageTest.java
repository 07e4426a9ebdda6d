package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/logging.md has each warning and error of the manager, the connection strings and the metrics. */
class LoggingPageTest {
    private static final Pattern CALL = Pattern.compile(
            "(?:detachedWarn|detachedError|rollbackWarn|\\.warn|\\.error)\\(\\s*\"((?:[^\"\\\\]|\\\\.)+)\"");
    private static final int ENOUGH_TO_RECOGNISE_IT = 25;

    @Test
    void each_warning_and_error_is_on_the_page() throws Exception {
        String page = Files.readString(Path.of("..", "docs", "logging.md"));
        List<String> lines = lines();
        assertThat(lines)
                .hasSizeGreaterThan(15)
                .allSatisfy(line -> assertThat(page)
                        .contains("`" + line.substring(0, Math.min(line.length(), ENOUGH_TO_RECOGNISE_IT))));
    }

    /** How they begin, with an ellipsis for what is filled in; but for those of which nothing else is known. */
    private static List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String module : List.of("connection", "conninfo", "micrometer")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Matcher call = CALL.matcher(Files.readString(file));
                    while (call.find()) {
                        String line = call.group(1).replace("\\\"", "\"").replaceAll("(\\{\\})+", "…");
                        if (line.length() > "…: …".length()) {
                            lines.add(line);
                        }
                    }
                }
            }
        }
        return lines;
    }
}
