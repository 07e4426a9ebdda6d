package io.github.pgmanaged.cli.timeline;

import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;

/** A timeline in a browser: its state, its pixels, and what a user does to it. */
final class Page {
    private static final String DATA = "document.getElementById('chart').dataset";

    private final Browser browser;

    private Page(Browser browser) {
        this.browser = browser;
    }

    /** Opens a page from a file, and waits until it has drawn. */
    static Page open(Browser browser, Path file, int width, int height, boolean dark) {
        browser.send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        Page page = new Page(browser);
        page.light(dark);
        browser.send("Page.navigate", Map.of("url", file.toUri().toString()));
        await().atMost(60, TimeUnit.SECONDS)
                .until(() -> browser.evaluate("location.href === '" + file.toUri()
                                + "' && !!document.getElementById('chart') && " + DATA + ".ready === 'true'")
                        .getAsBoolean());
        page.settle();
        return page;
    }

    void light(boolean dark) {
        browser.send(
                "Emulation.setEmulatedMedia",
                new com.google.gson.Gson()
                        .toJsonTree(Map.of(
                                "features",
                                List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))))
                        .getAsJsonObject());
    }

    /** Waits until what was asked for is drawn. */
    void settle() {
        browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>"
                + " requestAnimationFrame(() => done(1)))))");
    }

    String state(String name) {
        settle();
        return browser.evaluate("String(" + DATA + "." + name + ")").getAsString();
    }

    double number(String name) {
        return Double.parseDouble(state(name));
    }

    String details() {
        return text("details");
    }

    String text(String id) {
        settle();
        return browser.evaluate("document.getElementById('" + id + "').textContent")
                .getAsString();
    }

    /** Where a time in nanoseconds is. */
    double x(long nanos) {
        double from = number("from");
        return number("plotLeft") + (nanos - from) / (number("to") - from) * number("plotWidth");
    }

    /** The middle of a lane that has not been scrolled. */
    double y(int lane) {
        return top() + number("lanesTop") + (lane + 0.5) * number("laneHeight");
    }

    /** The chart's place in the window. */
    double top() {
        return browser.evaluate("document.getElementById('chart').getBoundingClientRect().top")
                .getAsDouble();
    }

    void key(String key) {
        browser.evaluate("document.getElementById('chart').focus()");
        String text = key.length() == 1 ? key : "";
        browser.send("Input.dispatchKeyEvent", Map.of("type", "keyDown", "key", key, "text", text));
        browser.send("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
        settle();
    }

    void move(double x, double y) {
        mouse("mouseMoved", x, y, "none", 0);
        settle();
    }

    void click(double x, double y) {
        mouse("mouseMoved", x, y, "none", 0);
        mouse("mousePressed", x, y, "left", 1);
        mouse("mouseReleased", x, y, "left", 1);
        settle();
    }

    void drag(double fromX, double fromY, double toX, double toY) {
        mouse("mouseMoved", fromX, fromY, "none", 0);
        mouse("mousePressed", fromX, fromY, "left", 1);
        mouse("mouseMoved", (fromX + toX) / 2, (fromY + toY) / 2, "left", 1);
        mouse("mouseMoved", toX, toY, "left", 1);
        mouse("mouseReleased", toX, toY, "left", 1);
        settle();
    }

    private void mouse(String type, double x, double y, String button, int clicks) {
        browser.send(
                "Input.dispatchMouseEvent",
                Map.of(
                        "type",
                        type,
                        "x",
                        x,
                        "y",
                        y,
                        "button",
                        button,
                        "buttons",
                        button.equals("left") && !type.equals("mouseReleased") ? 1 : 0,
                        "clickCount",
                        clicks));
    }

    void wheel(double x, double y, double delta) {
        browser.send(
                "Input.dispatchMouseEvent", Map.of("type", "mouseWheel", "x", x, "y", y, "deltaX", 0, "deltaY", delta));
        settle();
    }

    BufferedImage screenshot() throws IOException {
        settle();
        JsonObject shot = browser.send("Page.captureScreenshot", Map.of("format", "png"));
        return ImageIO.read(new ByteArrayInputStream(
                Base64.getDecoder().decode(shot.get("data").getAsString())));
    }

    /** A colour of the style sheet. */
    int colour(String name) {
        String value = browser.evaluate(
                        "getComputedStyle(document.documentElement).getPropertyValue('" + name + "').trim()")
                .getAsString();
        return Integer.parseInt(value.substring(1), 16);
    }
}
