package io.github.pgmanaged.cli.timeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The page: one file with all that it needs in it. What a recording says is in it as data, and nowhere as HTML. */
public final class TimelinePage {
    /** Some 11 MB of a page. */
    static final int MOST_LEASES = 1_000_000;

    static final int MOST_MARKS = 100_000;
    private static final List<String> SCRIPTS = List.of("data.js", "look.js", "chart.js", "hit.js", "page.js");

    private final PageData data;

    /** A page of any recording. */
    public TimelinePage() {
        this(MOST_LEASES, MOST_MARKS);
    }

    TimelinePage(int mostLeases, int mostMarks) {
        this.data = new PageData(mostLeases, mostMarks);
    }

    /**
     * Writes it.
     *
     * @param file what the recording is called
     * @param histories of each manager, at least one; the first one is shown first
     */
    public void write(Writer out, String file, List<History> histories) throws IOException {
        String template = resource("page.html");
        int style = template.indexOf("/*STYLE*/");
        int content = template.indexOf("<!--DATA-->");
        int script = template.indexOf("/*SCRIPT*/");
        out.write(template.substring(0, style));
        out.write(resource("page.css"));
        out.write(template.substring(template.indexOf('\n', style), content));
        writeData(out, "index", PageData.index(file, histories));
        for (int i = 0; i < histories.size(); i++) {
            writeData(out, "manager-" + i, data.of(histories.get(i)));
        }
        out.write(template.substring(template.indexOf('\n', content), script));
        for (String part : SCRIPTS) {
            out.write(resource(part));
        }
        out.write(template.substring(template.indexOf('\n', script)));
    }

    private static void writeData(Writer out, String id, String packed) throws IOException {
        out.write("<script type=\"application/octet-stream\" id=\"" + id + "\">" + packed + "</script>\n");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = TimelinePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
