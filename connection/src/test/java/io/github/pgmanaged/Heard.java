package io.github.pgmanaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A listener that remembers what it heard, a line each: {@code ready FIRST}, {@code jobs: 1}, {@code lost}. */
public final class Heard implements NotificationListener {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<String> lines = new ArrayList<>();
    private final List<SQLException> losses = new ArrayList<>();
    private final List<Notification> notifications = new ArrayList<>();

    @Override
    public synchronized void onReady(Reason reason) {
        lines.add("ready " + reason);
    }

    @Override
    public synchronized void onNotification(Notification notification) {
        notifications.add(notification);
        lines.add(notification.channel() + ": " + notification.payload());
    }

    @Override
    public synchronized void onLost(SQLException cause) {
        losses.add(cause);
        lines.add("lost");
    }

    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    public synchronized List<SQLException> losses() {
        return List.copyOf(losses);
    }

    public synchronized List<Notification> notifications() {
        return List.copyOf(notifications);
    }

    /** Waits until that is what was heard, no more and no less. */
    public void awaitLines(String... expected) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines()).containsExactly(expected));
    }

    /** Waits until the last line is that one. */
    public void awaitLast(String expected) {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines()).last().isEqualTo(expected));
    }
}
