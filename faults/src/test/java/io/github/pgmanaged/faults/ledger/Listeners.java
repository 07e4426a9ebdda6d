package io.github.pgmanaged.faults.ledger;

import io.github.pgmanaged.faults.listen.Book;
import io.github.pgmanaged.faults.listen.Sender;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Each desk listens to a stream of numbers all the while, and keeps a book of what it hears. */
final class Listeners implements AutoCloseable {
    private static final List<String> CHANNELS = List.of("first", "second");
    private static final Duration AFTER_THE_LAST_FAULT = Duration.ofSeconds(60);

    private final Sender sender;
    private final List<Book> books = new ArrayList<>();

    Listeners(Server server, List<Desk> desks) throws SQLException {
        sender = new Sender(server.source("sender"), CHANNELS);
        for (Desk desk : desks) {
            for (String channel : CHANNELS) {
                Book book = new Book(
                        desk.name(),
                        channel,
                        desk.manager().asDataSource(true),
                        server.source("backlog-of-" + desk.name()));
                books.add(book);
                desk.manager().listen(channel, book);
            }
        }
    }

    /**
     * After the last fault: all that was said is heard, or was told to be missing. An untruth stays one; what is only
     * not known yet comes.
     */
    void finish(Findings findings) throws SQLException, InterruptedException {
        sender.finish();
        Map<String, List<Long>> truth = sender.truth();
        for (Book book : books) {
            List<Long> committed = truth.get(book.channel());
            try {
                Awaitility.await()
                        .atMost(AFTER_THE_LAST_FAULT)
                        .until(() -> book.untruths(committed).isEmpty());
            } catch (ConditionTimeoutException e) {
                findings.count("a listener that is late"); // and its book says what it misses
            }
            book.untruths(committed).forEach(findings::anomaly);
            findings.count("numbers heard", book.heard());
            findings.count("gaps told", book.gaps());
        }
    }

    @Override
    public void close() throws InterruptedException {
        sender.close();
    }
}
