package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Strings are read as the real libpq reads them. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LibpqParseTest {
    private static final int STRINGS = Integer.getInteger("pgmanaged.conninfo.strings", 100_000);

    static Stream<String> corpus() {
        return Stream.concat(ConninfoCorpus.URIS.stream(), ConninfoCorpus.PAIRS.stream());
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void a_corner_case_is_read_as_libpq_reads_it(String conninfo) {
        Parsed libpq = Libpq.parse(conninfo);
        Parsed ours = Ours.parse(conninfo);
        if (Disagreements.reason(conninfo, libpq, ours).isEmpty()) {
            assertThat(ours).isEqualTo(libpq);
        }
    }

    @Test
    void generated_strings_are_read_as_libpq_reads_them() {
        Comparison comparison = compare(Seed.ofThisRun(), STRINGS, Ours::parse);
        comparison.finish("Connection strings");
    }

    @Test
    void no_secret_gets_out() {
        Seed seed = Seed.ofThisRun();
        List<String> leaks = new ArrayList<>();
        for (int i = 0; i < STRINGS && leaks.size() < 10; i++) {
            ConninfoStrings.Made made = ConninfoStrings.make(seed.next());
            Leaks.of(made).ifPresent(leak -> leaks.add(made.text() + "\n" + leak + "\n" + seed));
        }
        assertThat(leaks).isEmpty();
    }

    @Test
    void the_generator_makes_good_and_bad_strings() {
        assertThat(compare(Seed.fixed(1), 10_000, Libpq::parse).acceptedShare()).isBetween(0.3, 0.7);
    }

    @Test
    void the_comparison_lets_masks_through_and_nothing_else() {
        Comparison masked = compare(Seed.fixed(1), 10_000, LibpqParseTest::masked);
        assertThat(masked.wrong()).isZero();
        assertThat(masked.disagreements()).isGreaterThan(1_000);
        Comparison spoiled = compare(Seed.fixed(1), 1_000, LibpqParseTest::spoiled);
        // A jdbc:postgresql: URL may be answered in any way.
        assertThat(spoiled.wrong()).isGreaterThan(950);
    }

    @Test
    void the_comparison_finds_no_fault_with_libpq_itself() {
        Comparison comparison = compare(Seed.fixed(1), 10_000, Libpq::parse);
        assertThat(comparison.wrong()).isZero();
        assertThat(comparison.disagreements()).isZero();
    }

    private static Comparison compare(Seed seed, int strings, Function<String, Parsed> parser) {
        Comparison comparison = new Comparison();
        try (PgjdbcLog quiet = PgjdbcLog.watched()) {
            for (int i = 0; i < strings; i++) {
                String conninfo = ConninfoStrings.make(seed.next()).text();
                Parsed libpq = Libpq.parse(conninfo);
                comparison.note((conninfo.startsWith("postgres") ? "URIs, " : "pairs, ")
                        + (libpq.accepted() ? "accepted" : "refused"));
                try {
                    comparison.add(conninfo, libpq, parser.apply(conninfo), seed);
                } catch (RuntimeException e) {
                    comparison.bug("thrown: " + e, conninfo, seed);
                }
            }
        }
        return comparison;
    }

    private static Parsed masked(String conninfo) {
        Parsed libpq = Libpq.parse(conninfo);
        return libpq.accepted()
                ? libpq
                : Parsed.refused(libpq.error()
                        .replaceFirst(
                                "(?s)((?:after|option|parameter:|token:|value:|in|URI:|\\):) \").*(\")", "$1***$2"));
    }

    /** An answer that is nearly right. */
    private static Parsed spoiled(String conninfo) {
        Parsed libpq = Libpq.parse(conninfo);
        if (!libpq.accepted()) {
            return Parsed.refused(libpq.error().replaceFirst(".\\b", "x"));
        }
        Map<String, String> values = new LinkedHashMap<>(libpq.values());
        values.merge("user", " ", String::concat);
        return Parsed.of(values);
    }
}
