package io.github.pgmanaged.peers;

import java.util.List;

/**
 * The matrix as a picture: what is good, mixed or bad is told by shape and by colour, in colours that the colour-blind
 * tell apart. It brings its own background, so that it can be read on a dark page, too.
 */
final class Picture {
    private static final int MARGIN = 16;
    private static final int LABELS = 330;
    private static final int HEAD = 190;
    private static final int COLUMN = 21;
    private static final int GAP = 9;
    private static final int ROW = 19;
    private static final int SUBJECT = 32;
    private static final int LEGEND = 44;
    private static final int SLANT = 110;

    private final StringBuilder svg = new StringBuilder();
    private final Matrix matrix;

    private Picture(Matrix matrix) {
        this.matrix = matrix;
    }

    static String of(Matrix matrix) {
        return new Picture(matrix).draw();
    }

    private String draw() {
        List<Peer> peers = matrix.peers();
        int width = x(peers.size() - 1) + COLUMN + SLANT;
        int subjects = (int) List.of(Subject.values()).stream()
                .filter(subject -> !matrix.about(subject).isEmpty())
                .count();
        int bottom = HEAD + subjects * SUBJECT + matrix.scenarios().size() * ROW;
        int height = bottom + LEGEND + MARGIN;
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img"
                  aria-label="The guarantee, side by side: scenarios are rows, libraries are columns"
                  font-family="-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="12.5" fill="#1f2328">
                <defs>
                <circle id="good" r="6.5" fill="#0072b2"/>
                <g id="mixed"><circle r="6" fill="#ffffff" stroke="#e69f00" stroke-width="1.6"/>\
                <path d="M0 -6 A6 6 0 0 0 0 6 Z" fill="#e69f00"/></g>
                <path id="bad" d="M-5 -5 L5 5 M5 -5 L-5 5" stroke="#d55e00" stroke-width="2.8" stroke-linecap="round"/>
                </defs>
                <rect width="%d" height="%d" rx="10" fill="#ffffff"/>
                """.formatted(width, height, width, height, width, height));
        int ours = (int) peers.stream().filter(Peers.ours()::contains).count();
        if (ours > 0) {
            svg.append(
                    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#0072b2\" fill-opacity=\"0.08\"/>\n"
                            .formatted(x(0) - 2, HEAD + 4, ours * COLUMN + 4, bottom - HEAD));
        }
        for (int i = 0; i < peers.size(); i++) {
            addHead(peers.get(i), x(i) + COLUMN / 2);
        }
        int y = HEAD;
        for (Subject subject : Subject.values()) {
            List<Scenario> about = matrix.about(subject);
            if (about.isEmpty()) {
                continue;
            }
            y += SUBJECT;
            addText(MARGIN, y - 9, "font-weight=\"600\"", subject.question());
            for (Scenario scenario : about) {
                addRow(scenario, y);
                y += ROW;
            }
        }
        addLegend(bottom + LEGEND - 10);
        return svg.append("</svg>\n").toString();
    }

    /** The left edge of a column; the two setups of a peer stand close together. */
    private int x(int column) {
        int gaps = 0;
        for (int i = 1; i <= column; i++) {
            if (!matrix.peers().get(i).name().equals(matrix.peers().get(i - 1).name())) {
                gaps++;
            }
        }
        return MARGIN + LABELS + column * COLUMN + gaps * GAP;
    }

    private void addHead(Peer peer, int x) {
        String style = peer.setup() == Setup.DEFAULT ? "font-weight=\"600\"" : "fill=\"#59636e\"";
        String text = peer.setup() == Setup.DEFAULT ? peer.name() : "best options";
        svg.append("<text transform=\"translate(%d %d) rotate(-55)\" %s>%s</text>\n"
                .formatted(x + 3, HEAD - 4, style, escaped(text)));
    }

    private void addRow(Scenario scenario, int y) {
        svg.append("<path d=\"M%d %d H%d\" stroke=\"#d1d9e0\" stroke-width=\"0.7\"/>\n"
                .formatted(MARGIN, y, x(matrix.peers().size() - 1) + COLUMN));
        addText(MARGIN + 10, y + 14, "", scenario.title());
        for (int i = 0; i < matrix.peers().size(); i++) {
            addMark(matrix.at(scenario, matrix.peers().get(i)).outcome().verdict(), x(i) + COLUMN / 2, y + ROW / 2 + 1);
        }
    }

    private void addLegend(int y) {
        int x = MARGIN + 10;
        for (Verdict verdict : Verdict.values()) {
            addMark(verdict, x, y - 4);
            addText(x + 13, y, "", verdict.word());
            x += 80;
        }
    }

    private void addMark(Verdict verdict, int x, int y) {
        svg.append("<use href=\"#%s\" x=\"%d\" y=\"%d\"/>\n".formatted(verdict.word(), x, y));
    }

    private void addText(int x, int y, String style, String text) {
        svg.append("<text x=\"%d\" y=\"%d\" %s>%s</text>\n".formatted(x, y, style, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
