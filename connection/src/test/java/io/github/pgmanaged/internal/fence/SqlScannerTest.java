package io.github.pgmanaged.internal.fence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a text of SQL is split. */
class SqlScannerTest {
    private static String tokens(String sql, boolean standardStrings) {
        SqlScanner scanner = new SqlScanner(sql, standardStrings);
        List<String> tokens = new ArrayList<>();
        while (true) {
            SqlScanner.Token token = scanner.next();
            switch (token) {
                case END -> {
                    return String.join(" ", tokens);
                }
                case WORD -> tokens.add(scanner.word());
                case QUOTED_NAME -> tokens.add("QUOTED");
                case STRING -> tokens.add("STRING");
                case NUMBER -> tokens.add("NUMBER");
                case SIGN -> tokens.add("SIGN");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "select x from t|SELECT X FROM T",
                "/* a /* b */ c */ commit|COMMIT",
                "/**/commit--x|COMMIT",
                "/*/ */ commit|COMMIT",
                "'a''b' x|STRING X",
                "'a\\' x|STRING X",
                "E'a\\'b' x|STRING X",
                "e'\\\\' x|STRING X",
                "N'a\\' x|STRING X",
                "b'01' X'0f' y|STRING STRING Y",
                "U&'d' x|U SIGN STRING X",
                "\"a\"\"b\" x|QUOTED X",
                "$$ ; ' $$ x|STRING X",
                "$a$ $b$ $$ $a$ x|STRING X",
                "$1 x|NUMBER X",
                "a$$b $$c$$|A$$B STRING",
                "$a x|SIGN A X",
                "$a-$ x|SIGN A SIGN SIGN X",
                "1.5e3 x|NUMBER E3 X",
                "f(x);g|F SIGN X SIGN SIGN G",
                "\u00e4\u00f6 x|\u00c4\u00d6 X",
                "a\u00a0b|A\u00a0B",
                "- - 1|SIGN SIGN NUMBER",
            })
    void a_text_is_split_as_the_server_splits_it(String sql, String tokens) {
        assertThat(tokens(sql, true)).isEqualTo(tokens);
    }

    @Test
    void a_backslash_escapes_in_a_plain_string_where_the_server_has_it_so() {
        assertThat(tokens("'a\\' x", false)).isEqualTo("STRING");
        assertThat(tokens("n'a\\'' x", false)).isEqualTo("STRING X");
    }

    @Test
    void a_line_comment_ends_with_its_line() {
        assertThat(tokens("-- a\nb -- c\rd", true)).isEqualTo("B D");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/*", "'", "\"", "$$", "$a$", "--", "(", "/* */", "a;", "$a", "E'\\", "*/", "''", "\"\""})
    @Timeout(10)
    void a_megabyte_of_anything_is_read_in_linear_time(String piece) {
        SqlScanner scanner = new SqlScanner(piece.repeat(1_000_000 / piece.length()), true);
        int tokens = 0;
        while (scanner.next() != SqlScanner.Token.END) {
            tokens++;
        }
        assertThat(tokens).isLessThanOrEqualTo(1_000_000);
    }
}
