package io.github.pgmanaged.conninfo;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The library under test, in the words of the oracle. */
final class Ours {
    /**
     * What we would connect to.
     *
     * @param options all options, or why they are refused; without those of PostgreSQL 19
     * @param candidates the hosts with their passwords
     * @param shown all text that may end up in a log
     */
    record Resolved(Parsed options, List<Candidates.Candidate> candidates, String shown) {}

    private Ours() {}

    static Parsed parse(String conninfo) {
        try {
            return Parsed.of(ConnInfo.parse(conninfo).values());
        } catch (InvalidConnInfoException e) {
            return Parsed.refused(withoutHint(e.getMessage()));
        }
    }

    static Resolved resolve(World world) {
        try {
            ConnInfo conninfo = ConnInfo.parse(world.conninfo());
            Resolution resolution = conninfo.resolve(environment(world.variables()));
            Map<String, String> values = new LinkedHashMap<>(resolution.values());
            values.keySet().removeAll(Postgres19.KEYWORDS);
            if (resolution.setting(Keyword.GSSENCMODE).orElseThrow().source() == Source.DEFAULT) {
                // The archive's libpq is built without GSSAPI, and so has another default.
                values.put("gssencmode", "disable");
            }
            return new Resolved(
                    Parsed.of(values),
                    resolution.candidates().stream()
                            .map(c -> new Candidates.Candidate(
                                    c.host(),
                                    String.valueOf(c.port()),
                                    Objects.requireNonNullElse(c.server().password(), "")))
                            .toList(),
                    conninfo + "\n" + resolution + "\n" + resolution.candidates());
        } catch (InvalidConnInfoException e) {
            return new Resolved(Parsed.refused(withoutHint(e.getMessage())), List.of(), e.toString());
        }
    }

    /** libpq does not say what somebody may have meant. */
    private static String withoutHint(String message) {
        return message.replaceFirst(
                " \\((did you mean \"[a-z_]+\"\\?|a URI begins with postgres:// or postgresql://)\\)$", "");
    }

    private static Environment environment(Map<String, String> variables) {
        return Environment.empty()
                .withVariables(variables)
                .withHome(Path.of(variables.get("HOME")))
                .withOsUser(System.getProperty("user.name"))
                .withSystemConfigDirectory(Path.of(Libpq.SYSTEM_CONFIG_DIRECTORY))
                .withSocketDirectories(List.of(Libpq.SOCKET_DIRECTORY));
    }
}
