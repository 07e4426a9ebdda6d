package io.github.pgmanaged.conninfo;

import static io.github.pgmanaged.conninfo.Seed.chance;
import static io.github.pgmanaged.conninfo.Seed.pick;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;

/** Makes connection strings together with environments, service files and password files. */
final class Environments {
    private static final Map<String, Double> OFTEN = Map.of(
            "user",
            0.3,
            "dbname",
            0.3,
            "host",
            0.4,
            "port",
            0.3,
            "hostaddr",
            0.05,
            "password",
            0.08,
            "passfile",
            0.12,
            "service",
            0.25);
    private static final double SELDOM = 0.012;

    private final SplittableRandom random;
    private final Path home;
    private final Path directory;
    private final List<World.TextFile> files = new ArrayList<>();

    private Environments(SplittableRandom random, Path directory) {
        this.random = random;
        this.home = directory.resolve("own");
        this.directory = directory;
    }

    /** The files are to be in the directory; they are not written yet. */
    static World make(SplittableRandom random, Path directory) {
        return new Environments(random, directory).world();
    }

    private World world() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("HOME", home.toString());
        for (Libpq.Keyword keyword : Libpq.defaults()) {
            if (keyword.environmentVariable() != null && isChosen(keyword.keyword(), 0.6)) {
                variables.put(keyword.environmentVariable(), value(keyword.keyword()));
            }
        }
        if (chance(random, 0.04)) {
            variables.put("PGREQUIRESSL", pick(random, List.of("1", "0", "", "10")));
        }
        if (chance(random, 0.25)) {
            variables.put("PGSERVICEFILE", pick(random, List.of(directory + "/services", directory + "/none", "")));
        }
        // Always, or the machine's own file would count.
        variables.put("PGSYSCONFDIR", chance(random, 0.95) ? directory + "/etc" : "");
        services(home.resolve(".pg_service.conf"), 0.6);
        services(directory.resolve("etc/pg_service.conf"), 0.6);
        services(directory.resolve("services"), 0.8);
        passwords(home.resolve(".pgpass"), 0.7);
        passwords(directory.resolve("passwords"), 0.9);
        Map<String, String> options = new LinkedHashMap<>();
        for (Libpq.Keyword keyword : Libpq.defaults()) {
            if (isChosen(keyword.keyword(), 1)) {
                options.put(keyword.keyword(), value(keyword.keyword()));
            }
        }
        return new World(chance(random, 0.3) ? uri(options) : pairs(options), variables, files);
    }

    private boolean isChosen(String keyword, double factor) {
        return chance(random, OFTEN.getOrDefault(keyword, SELDOM) * factor);
    }

    private String value(String keyword) {
        if (keyword.equals("passfile") && chance(random, 0.95)) {
            return directory + pick(random, List.of("/passwords", "/passwords", "/own/.pgpass", "/none"));
        }
        return OptionValues.make(random, keyword);
    }

    private static String pairs(Map<String, String> options) {
        StringJoiner pairs = new StringJoiner(" ");
        options.forEach((keyword, value) ->
                pairs.add(keyword + "='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"));
        return pairs.toString();
    }

    private String uri(Map<String, String> options) {
        Map<String, String> rest = new LinkedHashMap<>(options);
        StringBuilder uri = new StringBuilder("postgresql://");
        if (rest.containsKey("user") && chance(random, 0.7)) {
            uri.append(encoded(rest.remove("user")));
            uri.append(rest.containsKey("password") ? ":" + encoded(rest.remove("password")) : "");
            uri.append('@');
        }
        if (rest.containsKey("dbname") && chance(random, 0.7)) {
            uri.append('/').append(encoded(rest.remove("dbname")));
        }
        StringJoiner parameters = new StringJoiner("&", rest.isEmpty() ? "" : "?", "");
        rest.forEach((keyword, value) -> parameters.add(keyword + "=" + encoded(value)));
        return uri.append(parameters).toString();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void services(Path path, double probability) {
        if (chance(random, probability)) {
            boolean directory = chance(random, 0.01);
            files.add(new World.TextFile(
                    path, directory ? "" : "rw-r--r--", directory ? "" : ServiceFiles.make(random, this::value)));
        }
    }

    private void passwords(Path path, double probability) {
        if (chance(random, probability)) {
            boolean directory = chance(random, 0.01);
            String permissions =
                    chance(random, 0.9) ? "rw-------" : pick(random, List.of("rw-r--r--", "rw--w----", "r--------"));
            files.add(new World.TextFile(
                    path, directory ? "" : permissions, directory ? "" : PasswordFiles.make(random)));
        }
    }
}
