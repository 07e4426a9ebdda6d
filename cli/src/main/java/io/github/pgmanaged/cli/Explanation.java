package io.github.pgmanaged.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import com.github.freva.asciitable.OverflowBehaviour;
import io.github.pgmanaged.conninfo.Candidate;
import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Resolution;
import io.github.pgmanaged.conninfo.Setting;
import io.github.pgmanaged.conninfo.Source;
import java.io.PrintWriter;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A resolved connection string, for people.
 *
 * @param conninfo the string
 * @param resolution where it leads
 */
record Explanation(ConnInfo conninfo, Resolution resolution) {
    private static final int WIDEST = 60;

    void print(PrintWriter out) {
        out.println("The string: " + (conninfo.toString().isEmpty() ? "(empty)" : conninfo.toString()));
        out.println();
        out.println(AsciiTable.builder()
                .border(AsciiTable.NO_BORDERS)
                .data(
                        resolution.settings(),
                        List.of(
                                column("KEYWORD", setting -> setting.keyword().word()),
                                column("VALUE", Setting::shownValue),
                                column("FROM", setting -> setting.source().toString()),
                                column("IN PGJDBC", Explanation::effect)))
                .asString());
        files(out);
        for (String warning : resolution.warnings()) {
            out.println("Warning: " + warning);
        }
        out.println();
        out.println("The servers, in the order in which they are tried"
                + (isShuffled() ? " (shuffled at every opening):" : ":"));
        int number = 0;
        for (Candidate candidate : resolution.candidates()) {
            number++;
            out.println("  " + number + ". " + candidate + addresses(candidate) + password(candidate) + whyThere());
        }
    }

    private static ColumnData<Setting> column(String header, Function<Setting, String> cell) {
        return new Column()
                .header(header)
                .headerAlign(HorizontalAlign.LEFT)
                .dataAlign(HorizontalAlign.LEFT)
                .maxWidth(WIDEST, OverflowBehaviour.NEWLINE)
                .with(cell);
    }

    private static String effect(Setting setting) {
        String effect = setting.keyword().effect().replace("`", "");
        return switch (setting.keyword().handling()) {
            case APPLIED -> effect;
            case REFUSED -> "would be refused: " + effect;
            case IGNORED -> "ignored: " + effect;
        };
    }

    private void files(PrintWriter out) {
        TreeSet<Path> files = new TreeSet<>();
        Stream.concat(
                        resolution.settings().stream().map(Setting::source),
                        resolution.candidates().stream().flatMap(c -> c.passwordSource().stream()))
                .map(Source::file)
                .forEach(file -> file.ifPresent(files::add));
        for (Path file : files) {
            out.println(file.getFileName() + " is " + file.toAbsolutePath());
        }
    }

    private boolean isShuffled() {
        return resolution
                .setting(Keyword.LOAD_BALANCE_HOSTS)
                .map(setting -> setting.value().equals("random"))
                .orElse(false);
    }

    private String whyThere() {
        boolean named = resolution.setting(Keyword.HOST).isPresent()
                || resolution.setting(Keyword.HOSTADDR).isPresent();
        return named ? "" : "; no host is set, so the default";
    }

    private static String addresses(Candidate candidate) {
        if (candidate.isUnixSocket()) {
            return "";
        }
        try {
            return " -> " + String.join(", ", candidate.addresses());
        } catch (UnknownHostException e) {
            return " -> " + e.getMessage();
        }
    }

    private static String password(Candidate candidate) {
        return candidate
                .passwordSource()
                .map(source -> "; password from " + source)
                .orElse("; no password");
    }
}
