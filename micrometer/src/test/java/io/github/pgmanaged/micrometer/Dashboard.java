package io.github.pgmanaged.micrometer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The dashboard for Grafana in docs/, as far as Prometheus answers it. */
final class Dashboard {
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");

    private final JsonNode root;

    Dashboard() throws IOException {
        root = new ObjectMapper()
                .readTree(Path.of("..", "docs", "grafana-dashboard.json").toFile());
    }

    /** A query of a panel, as Grafana sends it when all managers and the last hour are shown. */
    record Query(String panel, String expression) {}

    List<Query> queries() {
        List<Query> queries = new ArrayList<>();
        for (JsonNode panel : root.get("panels")) {
            for (JsonNode target : panel.path("targets")) {
                queries.add(new Query(
                        panel.get("title").asText(),
                        substituted(target.get("expr").asText())));
            }
        }
        return queries;
    }

    private String substituted(String expression) {
        return expression
                .replace("$pool", variable("pool").get("allValue").asText())
                .replace("$__rate_interval", "1h")
                .replace("$__range", "1h");
    }

    /** The panels that show something. */
    List<JsonNode> panels() {
        List<JsonNode> panels = new ArrayList<>();
        for (JsonNode panel : root.get("panels")) {
            if (!panel.get("type").asText().equals("row")) {
                panels.add(panel);
            }
        }
        return panels;
    }

    private JsonNode variable(String name) {
        for (JsonNode variable : root.at("/templating/list")) {
            if (variable.get("name").asText().equals(name)) {
                return variable;
            }
        }
        throw new IllegalStateException("the dashboard has no variable " + name);
    }

    /** The metric whose label the variable "pool" takes its values from, and the label. */
    Matcher poolsFrom() {
        Matcher matcher =
                LABEL_VALUES.matcher(variable("pool").at("/query/query").asText());
        if (!matcher.matches()) {
            throw new IllegalStateException("the variable pool is asked for otherwise");
        }
        return matcher;
    }
}
