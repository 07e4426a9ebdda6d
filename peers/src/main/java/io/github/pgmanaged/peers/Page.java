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

            Libraries that lend connections, each with one connection to a real PostgreSQL (the embedded one), in the same
            scenarios. `make matrix` runs them all and writes this page; nothing in it is written by hand.

            Last run: %s.

            ![The matrix: rows are scenarios, columns are libraries](guarantee-matrix.svg)

            ## Libraries

            Each library runs with its defaults, and once more ("best") with those of its options that help.

            - An option that bounds a borrower's wait is set to 2 s, so that the scenarios end.
            - No library uses the driver's `socketTimeout`: it would help all of them alike, and cut every long query.
            - No library closes its session at every return (Agroal's `flushOnClose`, or `maxIdle=0` of commons-dbcp2): every
              session would be clean, and none shared.
            - No test query doubles as a reset. `ROLLBACK; DISCARD ALL` as test query clears what SQL leaves in HikariCP, Agroal,
              Tomcat JDBC and Vibur, but no manual offers it, and HikariCP's advises against any test query.
            - Code that a user would have to write does not count, such as c3p0's ConnectionCustomizer or Vibur's hooks.
            - Where options exclude each other, such as the isolation of commons-dbcp2 and its answer to a frozen server, one is
              chosen.
            - PGPoolingDataSource is deprecated, and Spring's SingleConnectionDataSource is, by its own documentation, not meant for
              several threads. Both take part because people use them for it.
            - Borrowers get what the library gives by default; from pgmanaged that is a lease with autocommit off, by `acquire()`. A
              scenario that needs autocommit on or off calls `setAutoCommit` first.

            Rows differ in weight, and several may have one cause: the sums only say where to look.

            """;

    private static final String RULES = """

            ## Rules of judgement

            A scenario observes: it queries the server on a connection of its own, and records what the caller got. An outcome is
            worth the same for every library:

            """;

    private Page() {}

    static String of(Matrix matrix) {
        StringBuilder page = new StringBuilder();
        page.append(INTRODUCTION.formatted(LocalDate.now(ZoneOffset.UTC)));
        addPeers(page, matrix);
        page.append(RULES);
        addRules(page);
        page.append("\n## The matrix\n\nOf two marks, the first is by default and the second with the best options.\n");
        for (Subject subject : Subject.values()) {
            addOverview(page, matrix, subject);
        }
        page.append("\n## Evidence\n");
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
        addRow(page, "", "library", "outcome", "evidence");
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
