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
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        return candidate.isUnixSocket() ? "" : " -> " + String.join(", ", Addresses.of(candidate));
    }

    private static String password(Candidate candidate) {
        return candidate
                .passwordSource()
                .filter(source -> candidate.missingPassword().isEmpty())
                .map(source -> "; password from " + source)
                .orElseGet(() -> "; no password: " + candidate.missingPassword().orElse("none is set"));
    }

    /** The same for a program. */
    Map<String, Object> toMap() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("string", conninfo.toString());
        all.put(
                "settings",
                resolution.settings().stream().map(Explanation::toMap).toList());
        all.put("warnings", resolution.warnings());
        all.put("shuffled", isShuffled());
        all.put(
                "servers",
                resolution.candidates().stream().map(Explanation::toMap).toList());
        return all;
    }

    private static Map<String, Object> toMap(Setting setting) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("keyword", setting.keyword().word());
        map.put("value", setting.shownValue());
        map.put("from", setting.source().toString());
        setting.source().file().ifPresent(file -> map.put("file", file.toAbsolutePath()));
        map.put("in_pgjdbc", effect(setting));
        return map;
    }

    private static Map<String, Object> toMap(Candidate candidate) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("server", candidate.toString());
        map.put("host", candidate.host());
        map.put("port", candidate.port());
        map.put("unix_socket", candidate.isUnixSocket());
        if (!candidate.isUnixSocket()) {
            map.put("addresses", Addresses.of(candidate));
        }
        candidate.passwordSource().ifPresent(source -> map.put("password_from", source.toString()));
        candidate.missingPassword().ifPresent(why -> map.put("no_password", why));
        return map;
    }
}
