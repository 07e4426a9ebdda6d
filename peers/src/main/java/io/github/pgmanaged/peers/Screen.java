package io.github.pgmanaged.peers;

import java.util.ArrayList;
import java.util.List;

/** The matrix on a terminal. */
final class Screen {
    private Screen() {}

    static String of(Matrix matrix, boolean inColour) {
        List<Peer> peers = matrix.peers();
        int widest = matrix.scenarios().stream()
                .mapToInt(scenario -> scenario.title().length())
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        List<String> bars = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            text.append(" ".repeat(widest + 2))
                    .append(String.join("", bars))
                    .append("┌ ")
                    .append(peers.get(i).title())
                    .append(' ')
                    .append(peers.get(i).version())
                    .append('\n');
            bars.add("│ ");
        }
        for (Subject subject : Subject.values()) {
            List<Scenario> about = matrix.about(subject);
            if (about.isEmpty()) {
                continue;
            }
            text.append('\n').append(subject.question()).append('\n');
            for (Scenario scenario : about) {
                text.append(scenario.title())
                        .append(" ".repeat(widest + 2 - scenario.title().length()));
                for (Peer peer : peers) {
                    Verdict verdict = matrix.at(scenario, peer).outcome().verdict();
                    text.append(inColour ? colour(verdict) + verdict.mark() + "\u001b[0m " : verdict.mark() + " ");
                }
                text.append('\n');
            }
        }
        text.append('\n');
        for (Verdict verdict : Verdict.values()) {
            text.append(verdict.mark()).append(' ').append(verdict.word()).append("   ");
        }
        return text.append('\n').toString();
    }

    private static String colour(Verdict verdict) {
        return switch (verdict) {
            case GOOD -> "\u001b[34m";
            case MIXED -> "\u001b[33m";
            case BAD -> "\u001b[31m";
        };
    }
}
