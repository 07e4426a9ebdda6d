package io.github.pgmanaged.conninfo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where we answer otherwise than libpq on purpose. Every other difference is a bug. */
final class Disagreements {
    private static final Pattern UNEXPECTED_CHARACTER =
            Pattern.compile("(unexpected character \").(\" at position )(\\d+)( in URI .*)", Pattern.DOTALL);
    private static final Pattern URI = Pattern.compile("postgres(ql)?://");
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");

    private static final List<Disagreement> ALL = List.of(
            new Disagreement(
                    "A jdbc:postgresql: URL is pgjdbc's to read.",
                    (conninfo, libpq, ours) -> conninfo.startsWith("jdbc:postgresql:")),
            new Disagreement(
                    "PostgreSQL 19's new keywords are known to us already.",
                    (conninfo, libpq, ours) ->
                            Postgres19.refuses(libpq) && agrees(conninfo, Postgres19.parse(conninfo), ours)),
            new Disagreement(
                    "Java's strings cannot hold bytes that are not UTF-8, so they are refused instead of kept.",
                    (conninfo, libpq, ours) ->
                            !ours.accepted() && ours.error().contains("UTF-8") && hasUndecodableEscapes(conninfo)),
            new Disagreement(
                    "Half of a surrogate pair is no character, and would be sent as a question mark.",
                    (conninfo, libpq, ours) -> !ours.accepted() && ours.error().contains("surrogate")),
            new Disagreement(
                    "A message does not quote what may hold a password.",
                    (conninfo, libpq, ours) -> bothRefuse(libpq, ours) && Masked.matches(libpq.error(), ours.error())),
            new Disagreement(
                    "A message names whole characters, not their first byte, and may count by them.",
                    (conninfo, libpq, ours) -> bothRefuse(libpq, ours)
                            && byCharacters(conninfo, libpq.error()).stream()
                                    .anyMatch(error ->
                                            error.equals(ours.error()) || Masked.matches(error, ours.error()))));

    private static final List<String> NUMBERS = List.of(
            "connect_timeout",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout");

    private record Disagreement(String reason, Predicate predicate) {}

    @FunctionalInterface
    private interface Predicate {
        boolean covers(String conninfo, Parsed libpq, Parsed ours);
    }

    private Disagreements() {}

    /** Why these answers may differ; empty if they may not. */
    static Optional<String> reason(String conninfo, Parsed libpq, Parsed ours) {
        return ALL.stream()
                .filter(d -> d.predicate.covers(conninfo, libpq, ours))
                .map(Disagreement::reason)
                .findFirst();
    }

    /**
     * libpq's answer to set ours against. A port that is no number is refused by libpq only when it comes to that host,
     * and by us before any host is tried; what pgjdbc cannot do is refused by us alone.
     */
    static Parsed whenConnecting(Libpq.Resolved libpq, Parsed ours) {
        Parsed options = libpq.options();
        if (ours.accepted()) {
            return options;
        }
        boolean cannot = ours.error().contains("cannot be honoured");
        boolean unparsed = ours.error().startsWith("the user information of the connection URI cannot be understood");
        if (cannot || (unparsed && !options.accepted())) {
            return ours;
        }
        if (!options.accepted()) {
            return options;
        }
        String ports = libpq.options().values().getOrDefault("port", "");
        boolean refusedLater = Arrays.stream(ports.split(",", -1))
                .map(port -> Libpq.resolve("", Map.of("HOME", "/no/such"), Map.of("host", "/no/such", "port", port)))
                .anyMatch(attempt -> ours.error().equals(attempt.connectError()));
        return refusedLater || refusesNumber(ours, options) ? ours : options;
    }

    /** A number that is none is refused by libpq only when it comes to need it. */
    private static boolean refusesNumber(Parsed ours, Parsed options) {
        return NUMBERS.stream()
                .filter(options.values()::containsKey)
                .map(keyword -> "invalid integer value \"" + options.values().get(keyword)
                        + "\" for connection option \"" + keyword + '"')
                .anyMatch(ours.error()::equals);
    }

    private static boolean agrees(String conninfo, Parsed libpq, Parsed ours) {
        return libpq.equals(ours)
                // A keyword that is written with percent-escapes has no stand-in.
                || Postgres19.refuses(libpq)
                || reason(conninfo, libpq, ours).isPresent();
    }

    private static boolean bothRefuse(Parsed libpq, Parsed ours) {
        return !libpq.accepted() && !ours.accepted();
    }

    /** In a URI, that is; the other form has no escapes of this kind. */
    private static boolean hasUndecodableEscapes(String conninfo) {
        if (!URI.matcher(conninfo).lookingAt()) {
            return false;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Matcher escapes = ESCAPE.matcher(conninfo);
        int end = 0;
        while (escapes.find()) {
            bytes.writeBytes(conninfo.substring(end, escapes.start()).getBytes(StandardCharsets.UTF_8));
            bytes.write(Integer.parseInt(escapes.group(1), 16));
            end = escapes.end();
        }
        return bytes.toString(StandardCharsets.UTF_8).indexOf('\uFFFD') >= 0;
    }

    /** libpq's message as it would be if C had characters: with their position in bytes, and by themselves. */
    private static List<String> byCharacters(String conninfo, String error) {
        Matcher unexpected = UNEXPECTED_CHARACTER.matcher(error);
        if (!unexpected.matches()) {
            return List.of();
        }
        byte[] bytes = conninfo.getBytes(StandardCharsets.UTF_8);
        int bytesBefore = Integer.parseInt(unexpected.group(3)) - 1;
        int before = new String(bytes, 0, bytesBefore, StandardCharsets.UTF_8).length();
        String start = unexpected.group(1) + Character.toString(conninfo.codePointAt(before)) + unexpected.group(2);
        String end = unexpected.group(4);
        return List.of(start + (bytesBefore + 1) + end, start + (before + 1) + end);
    }
}
