package io.github.pgmanaged.cli.timeline;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.pgmanaged.testing.EndedWithUs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real Chromium without a window, led by its DevTools protocol. Closing ends all its processes. Thread safety: one
 * thread.
 */
final class Browser implements AutoCloseable {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));
    private static final int SECONDS = 60;

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final AtomicInteger last = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> pending = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
    private String session;

    /** Where Chromium is; empty if it is not installed. */
    static Optional<Path> program() {
        return PLACES.stream().filter(Files::isExecutable).findFirst();
    }

    Browser() throws IOException {
        profile = Files.createTempDirectory("pgmanaged-chromium");
        process = EndedWithUs.program(new ProcessBuilder(
                        program().orElseThrow().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--force-device-scale-factor=1",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start());
        try {
            Path port = profile.resolve("DevToolsActivePort");
            List<String> lines = await().atMost(SECONDS, TimeUnit.SECONDS)
                    .until(() -> Files.exists(port) ? Files.readAllLines(port) : List.<String>of(), l -> l.size() >= 2);
            socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)), new Listener())
                    .join();
            JsonObject target = new JsonObject();
            target.addProperty("url", "about:blank");
            String id = send("Target.createTarget", target).get("targetId").getAsString();
            JsonObject attach = new JsonObject();
            attach.addProperty("targetId", id);
            attach.addProperty("flatten", true);
            session = send("Target.attachToTarget", attach).get("sessionId").getAsString();
            for (String domain : List.of("Page", "Runtime", "Log")) {
                send(domain + ".enable", new JsonObject());
            }
        } catch (RuntimeException e) {
            end();
            throw e;
        }
    }

    /** Collects messages, and says who waits for an answer that it is there. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean whole) {
            text.append(data);
            if (whole) {
                take(JsonParser.parseString(text.toString()).getAsJsonObject());
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private void take(JsonObject message) {
        if (message.has("id")) {
            pending.remove(message.get("id").getAsInt()).complete(message);
            return;
        }
        String method = message.get("method").getAsString();
        if (method.equals("Runtime.exceptionThrown")
                || method.equals("Log.entryAdded")
                || method.equals("Runtime.consoleAPICalled")
                || method.equals("Page.javascriptDialogOpening")) {
            complaints.add(message.toString());
        }
    }

    /** Sends a command, and waits for its result. */
    JsonObject send(String method, JsonObject parameters) {
        JsonObject message = new JsonObject();
        int id = last.incrementAndGet();
        message.addProperty("id", id);
        message.addProperty("method", method);
        message.add("params", parameters);
        if (session != null) {
            message.addProperty("sessionId", session);
        }
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        pending.put(id, answer);
        socket.sendText(message.toString(), true).join();
        JsonObject answered = answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        if (answered.has("error")) {
            throw new IllegalStateException(method + ": " + answered.get("error"));
        }
        return answered.getAsJsonObject("result");
    }

    JsonObject send(String method, Map<String, ?> parameters) {
        return send(method, new com.google.gson.Gson().toJsonTree(parameters).getAsJsonObject());
    }

    /** What an expression is worth; a promise, once it is kept. */
    JsonElement evaluate(String expression) {
        JsonObject result =
                send("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.getAsJsonObject("result").get("value");
    }

    /** What the console has said, exceptions and violations of the page's policy included. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    Process process() {
        return process;
    }

    @Override
    public void close() {
        socket.abort();
        end();
    }

    /** Chromium's children are ended with it, also those that would outlive it. */
    private void end() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join());
        try (Stream<Path> files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
