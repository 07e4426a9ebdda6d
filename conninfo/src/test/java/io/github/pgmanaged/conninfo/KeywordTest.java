package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class KeywordTest {
    private static final Path PAGE = Path.of("KEYWORDS.md");
    private static final String BEGIN = "<!-- made from the code: begin -->\n";
    private static final String END = "<!-- made from the code: end -->";

    /** With {@code -Dpgmanaged.write.docs=true} it writes the table instead. */
    @Test
    void the_documented_table_is_the_codes() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (Boolean.getBoolean("pgmanaged.write.docs")) {
            Files.writeString(PAGE, page.substring(0, begin) + table() + page.substring(end));
            return;
        }
        assertThat(page.substring(begin, end))
                .as("KEYWORDS.md; to write it anew: mvn -pl testing,conninfo test -Dtest=KeywordTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dpgmanaged.write.docs=true")
                .isEqualTo(table());
    }

    private static String table() {
        return "| keyword | variable | default | here | in pgjdbc |\n|---|---|---|---|---|\n"
                + Arrays.stream(Keyword.values()).map(KeywordTest::row).collect(Collectors.joining());
    }

    private static String row(Keyword keyword) {
        String handling = switch (keyword.handling()) {
            case APPLIED -> "takes effect";
            case REFUSED -> "**refused**";
            case IGNORED -> "ignored, with a warning";
        };
        return "| `" + keyword + "` | "
                + keyword.variable().map(v -> '`' + v + '`').orElse("") + " | "
                + keyword.defaultValue()
                        .map(v -> v.isEmpty() ? "(empty)" : '`' + v + '`')
                        .orElse("") + " | " + handling + " | " + keyword.effect() + " |\n";
    }
}
