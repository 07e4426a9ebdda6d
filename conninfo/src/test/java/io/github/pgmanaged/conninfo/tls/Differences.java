package io.github.pgmanaged.conninfo.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Where we differ from libpq on purpose; conninfo/KEYWORDS.md says the same to users. */
final class Differences {
    private static final List<Difference> ALL = List.of(
            new Difference(
                    "^(root\\.crt|postgresql\\.(crt|key)) \\w+ prefer$|root file.*, prefer",
                    "a damaged file of the client's own does not turn TLS off",
                    Verdict.REFUSED),
            new Difference(
                    "^the same, with the other alone|and one of its own name, |^two roots of one name, the right one last",
                    "of several authorities of one name the one counts whose key fits, and not the first",
                    Verdict.TLS),
            new Difference(
                    "^a chain of (10|14) intermediates, ",
                    "the JVM takes ten certificates of a server",
                    Verdict.REFUSED,
                    Verdict.PLAIN),
            new Difference(
                    "^an? (leaf|intermediate) with a (critical )?2\\.5\\.29\\.36, ",
                    "the JVM's validator heeds constraints on policies",
                    Verdict.REFUSED,
                    Verdict.PLAIN),
            new Difference(
                    "with a critical broken |with broken policies",
                    "the JVM cannot read the certificate",
                    Verdict.REFUSED,
                    Verdict.PLAIN),
            new Difference(
                    "^a root for .*, leaf 6, ",
                    "a wildcard as common name must be within the constraints on names, since it may match a host",
                    Verdict.REFUSED,
                    Verdict.PLAIN),
            new Difference(
                    "^an intermediate alone, expired, trusted",
                    "what has expired is not trusted, whatever the root file notes about it",
                    Verdict.REFUSED,
                    Verdict.PLAIN));

    private Differences() {}

    /** Cells of these names may have these verdicts here. */
    private record Difference(String cells, String reason, Set<Verdict> ours) {
        Difference(String cells, String reason, Verdict... ours) {
            this(cells, reason, Set.of(ours));
        }

        boolean covers(TlsOracle.Answer answer) {
            return ours.contains(answer.ours())
                    && Pattern.compile(cells).matcher(answer.cell().name()).find();
        }
    }

    /** What came out of a comparison. */
    record Report(List<TlsOracle.Answer> unknown, int known) {}

    static Report report(List<TlsOracle.Answer> answers) {
        List<TlsOracle.Answer> unknown = new ArrayList<>();
        int known = 0;
        for (TlsOracle.Answer answer : answers) {
            if (answer.agrees()) {
                continue;
            }
            if (ALL.stream().anyMatch(difference -> difference.covers(answer))) {
                known++;
            } else {
                unknown.add(answer);
            }
        }
        return new Report(unknown, known);
    }
}
