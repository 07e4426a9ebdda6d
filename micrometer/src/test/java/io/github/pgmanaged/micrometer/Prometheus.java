package io.github.pgmanaged.micrometer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgmanaged.testing.EndedWithUs;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** A real Prometheus, which scrapes one address each second and loads a file of rules. */
final class Prometheus implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("msg=\"Listening on\" address=(\\S+)");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final Path log;
    private final String address;

    /** One sample of an answer. */
    record Sample(String labels, double value) {}

    private Prometheus(Process process, Path log) {
        this.process = process;
        this.log = log;
        boolean started = false;
        try {
            this.address = Awaitility.await()
                    .atMost(PATIENCE)
                    .until(this::listensOn, Optional::isPresent)
                    .orElseThrow();
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    /** Starts one, whose files are in a folder; skips the test where there is no such program. */
    static Prometheus start(Path folder, int target, Path rules) throws IOException {
        Path config = Files.writeString(
                folder.resolve("prometheus.yml"),
                String.join(
                        "\n",
                        "global: {scrape_interval: 1s, evaluation_interval: 1s}",
                        "rule_files: ['" + rules.toAbsolutePath() + "']",
                        "scrape_configs:",
                        "  - job_name: pgmanaged",
                        "    static_configs: [{targets: ['127.0.0.1:" + target + "']}]"));
        Path log = folder.resolve("prometheus.log");
        Process process = EndedWithUs.program(new ProcessBuilder(
                        program().toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:0")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
        return new Prometheus(process, log);
    }

    private static Path program() {
        Optional<Path> found = Stream.of(
                        System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "prometheus"))
                .filter(Files::isExecutable)
                .findFirst();
        String missing = "prometheus was not found; install prometheus (Debian's name)";
        if (found.isEmpty() && "1".equals(System.getenv("PGMANAGED_REQUIRE_PROGRAMS"))) {
            throw new IllegalStateException(missing + ". PGMANAGED_REQUIRE_PROGRAMS=1 does not let it be skipped.");
        }
        return found.orElseGet(() -> {
            System.out.println("The test of the dashboard is skipped: " + missing);
            return Assumptions.abort(missing);
        });
    }

    private Optional<String> listensOn() throws IOException {
        String said = Files.readString(log);
        if (!process.isAlive()) {
            throw new IllegalStateException("Prometheus has ended:\n" + said);
        }
        Matcher matcher = LISTENING.matcher(said);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private JsonNode get(String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + path))
                .timeout(PATIENCE)
                .build();
        try {
            String body =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            JsonNode answer = json.readTree(body);
            if (!answer.path("status").asText().equals("success")) {
                throw new AssertionError(path + " was answered with " + body);
            }
            return answer.get("data");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** What a query says now. An expression that Prometheus does not understand is an error. */
    List<Sample> query(String expression) {
        return StreamSupport.stream(
                        get("/api/v1/query?query=" + encoded(expression))
                                .get("result")
                                .spliterator(),
                        false)
                .map(sample -> new Sample(
                        sample.get("metric").toString(),
                        Double.parseDouble(sample.get("value").get(1).asText())))
                .toList();
    }

    /** The values of a metric's label. */
    List<String> labelValues(String metric, String label) {
        return StreamSupport.stream(
                        get("/api/v1/label/" + label + "/values?match[]=".replace("[]", "%5B%5D") + encoded(metric))
                                .spliterator(),
                        false)
                .map(JsonNode::asText)
                .toList();
    }

    /** The alerts that fire now. */
    List<String> firing() {
        return StreamSupport.stream(get("/api/v1/alerts").get("alerts").spliterator(), false)
                .filter(alert -> alert.get("state").asText().equals("firing"))
                .map(alert -> alert.at("/labels/alertname").asText())
                .toList();
    }

    /** The expressions of the rules, by their names. */
    Stream<String> rules() {
        return StreamSupport.stream(get("/api/v1/rules").get("groups").spliterator(), false)
                .flatMap(group -> StreamSupport.stream(group.get("rules").spliterator(), false))
                .map(rule -> rule.get("query").asText());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
