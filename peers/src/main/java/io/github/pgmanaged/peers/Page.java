package io.github.pgmanaged.peers;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The matrix as a page of Markdown; two runs differ in the date alone. */
final class Page {
    private static final String INTRODUCTION = """
            # The guarantee, side by side

            Libraries that lend connections, each with a single connection to a real PostgreSQL (the embedded one), in the same
            scenarios. `make matrix` runs them all and writes this page; nothing in it is written by hand.

            Last run: %s.

            ![The matrix: rows are scenarios, columns are libraries](guarantee-matrix.svg)

            ## Who takes part

            Each library comes as it is by default, and once more ("best") with those of its options that help. Whatever has an
            option for how long a borrower waits has it at 2 s, so that the scenarios end. None may break its connections off by the
            driver's `socketTimeout`: it would serve all of them alike, and cut every long query. None closes its session at every
            return (Agroal's `flushOnClose` does, or `maxIdle=0` of commons-dbcp2): everybody would be clean, and nothing would be
            shared. None has a test query that is a reset in truth: `ROLLBACK; DISCARD ALL` in its place clears what SQL has left in
            HikariCP, Agroal, Tomcat JDBC and Vibur, but no manual offers it, and HikariCP's advises against any test query. Code that
            a user would have to write does not count either, such as c3p0's ConnectionCustomizer or Vibur's hooks. Where options
            exclude one another, such as the isolation of commons-dbcp2 and its answer to a frozen server, one was chosen.
            PGPoolingDataSource is deprecated, and Spring's SingleConnectionDataSource is by its own documentation not for several
            threads: they are here because people use them for it. Rows are not of equal weight, and several may hang on one cause:
            the sums only say where to look. Borrowers get what the library gives
            by default: from pgmanaged that is a lease with autocommit off, by `acquire()`. A scenario that needs autocommit on or off
            sets it first, by `setAutoCommit`.

            """;

    private static final String RULES = """

            ## What counts as what

            A scenario observes: it asks the server on a connection of its own, and takes down what the caller was told. What an
            outcome is worth is the same for all, and stands here in full.

            """;

    private Page() {}

    static String of(Matrix matrix) {
        StringBuilder page = new StringBuilder();
        page.append(INTRODUCTION.formatted(LocalDate.now(ZoneOffset.UTC)));
        addPeers(page, matrix);
        page.append(RULES);
        addRules(page);
        page.append(
                "\n## The matrix\n\nWhere there are two marks, the first is the default and the second is the best.\n");
        for (Subject subject : Subject.values()) {
            addOverview(page, matrix, subject);
        }
        page.append("\n## What was seen\n");
        for (Subject subject : Subject.values()) {
            page.append("\n### ").append(subject.question()).append('\n');
            matrix.about(subject).forEach(scenario -> addEvidence(page, matrix, scenario));
        }
        return page.toString();
    }

    private static void addPeers(StringBuilder page, Matrix matrix) {
        List<Verdict> verdicts = List.of(Verdict.values());
        addRow(
                page,
                "library",
                "version",
                verdicts.stream().map(Verdict::mark).collect(Collectors.joining(" | ")),
                "options");
        addRow(page, "---", "---", verdicts.stream().map(each -> "--:").collect(Collectors.joining(" | ")), "---");
        for (Peer peer : matrix.peers()) {
            addRow(
                    page,
                    peer.title(),
                    peer.version(),
                    verdicts.stream()
                            .map(verdict -> Long.toString(matrix.count(peer, verdict)))
                            .collect(Collectors.joining(" | ")),
                    peer.configuration());
        }
    }

    private static void addRules(StringBuilder page) {
        for (Verdict verdict : Verdict.values()) {
            page.append("- ")
                    .append(verdict.mark())
                    .append(" **")
                    .append(verdict.word())
                    .append(":** ")
                    .append(Arrays.stream(Outcome.values())
                            .filter(outcome -> outcome.verdict() == verdict)
                            .map(Outcome::meaning)
                            .collect(Collectors.joining("; ")))
                    .append(".\n");
        }
    }

    private static void addOverview(StringBuilder page, Matrix matrix, Subject subject) {
        Set<String> names =
                matrix.peers().stream().map(Peer::name).collect(Collectors.toCollection(LinkedHashSet::new));
        page.append('\n');
        addRow(page, subject.question(), names.toArray(String[]::new));
        addRow(page, "---", names.stream().map(name -> ":-:").toArray(String[]::new));
        for (Scenario scenario : matrix.about(subject)) {
            addRow(
                    page,
                    scenario.title(),
                    names.stream()
                            .map(name -> matrix.peers().stream()
                                    .filter(peer -> peer.name().equals(name))
                                    .map(peer -> matrix.at(scenario, peer)
                                            .outcome()
                                            .verdict()
                                            .mark())
                                    .collect(Collectors.joining(" ")))
                            .toArray(String[]::new));
        }
    }

    private static void addEvidence(StringBuilder page, Matrix matrix, Scenario scenario) {
        page.append("\n#### ").append(scenario.title()).append("\n\n");
        page.append(scenario.story()).append("\n\n");
        addRow(page, "", "library", "what happened", "what was seen");
        addRow(page, "---", "---", "---", "---");
        Map<Observation, List<Peer>> alike = matrix.peers().stream()
                .collect(Collectors.groupingBy(
                        peer -> matrix.at(scenario, peer), LinkedHashMap::new, Collectors.toList()));
        alike.forEach((seen, peers) -> addRow(
                page,
                seen.outcome().verdict().mark(),
                peers.stream().map(Peer::title).collect(Collectors.joining("; ")),
                seen.outcome().meaning(),
                seen.evidence()));
    }

    private static void addRow(StringBuilder page, String first, String... others) {
        page.append("| ")
                .append(first)
                .append(" | ")
                .append(String.join(" | ", others))
                .append(" |\n");
    }
}
