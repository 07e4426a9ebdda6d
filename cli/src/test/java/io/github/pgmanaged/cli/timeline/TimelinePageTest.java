package io.github.pgmanaged.cli.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;
import static org.awaitility.Awaitility.await;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, from a file. */
@NeedsChromium
@Timeout(180)
class TimelinePageTest {
    private static final long MILLI = 1_000_000;
    private static Browser browser;

    @TempDir
    Path directory;

    @BeforeAll
    static void startBrowser() throws IOException {
        browser = new Browser();
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @AfterEach
    void nothingIsComplainedOfAndNothingHostileHasRun() {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.evaluate("document.images.length").getAsInt()).isZero();
    }

    @Test
    void leasesWaitsAndMarksAreWhereTheyWere() throws IOException {
        Page page = small(false);
        BufferedImage shot = page.screenshot();
        assertThat(at(shot, page.x(100 * MILLI), page.y(0))).isEqualTo(page.colour("--lease"));
        assertThat(at(shot, page.x(300 * MILLI), page.y(0))).isEqualTo(page.colour("--back"));
        assertThat(at(shot, page.x(100 * MILLI), page.y(1))).isEqualTo(page.colour("--waiting"));
        assertThat(colours(shot, page.x(300 * MILLI), page.y(1), 5))
                .as("a pattern, not a colour alone")
                .contains(page.colour("--rolled-back"), page.colour("--back"));
        assertThat(at(shot, page.x(475 * MILLI), page.y(2))).isEqualTo(page.colour("--opening"));
        assertThat(colours(shot, page.x(700 * MILLI), page.y(2), 5)).contains(page.colour("--revoked"));
        assertThat(at(shot, page.x(650 * MILLI), page.y(0)))
                .as("waited in vain")
                .isEqualTo(page.colour("--waiting"));
        double strip = page.top() + page.number("lanesTop") - 40;
        assertThat(colours(shot, page.x(400 * MILLI), strip, 40)).contains(page.colour("--rolled-back"));
        assertThat(colours(shot, page.x(499 * MILLI), strip, 40)).contains(page.colour("--opening"));
        assertThat(colours(shot, page.x(950 * MILLI), strip, 40)).contains(page.colour("--unknown"));
        assertThat(colours(shot, page.x(100 * MILLI), page.top() + 24 + 60, 3))
                .as("one waits")
                .contains(page.colour("--queue-least"));
        assertThat(colours(shot, page.x(830 * MILLI), page.top() + 24 + 60, 3))
                .as("nobody waits")
                .containsOnly(page.colour("--back"));
    }

    @Tag("long")
    @Test
    void inTheDarkItIsDark() throws IOException {
        Page page = small(true);
        BufferedImage shot = page.screenshot();
        int dark = page.colour("--lease");
        assertThat(at(shot, page.x(100 * MILLI), page.y(0))).isEqualTo(dark);
        assertThat(page.colour("--back")).isLessThan(0x303030);
        assertThat(at(shot, page.x(300 * MILLI), page.y(0))).isEqualTo(page.colour("--back"));
        page.light(false); // while the page is open
        shot = page.screenshot();
        assertThat(page.colour("--lease")).isNotEqualTo(dark);
        assertThat(at(shot, page.x(100 * MILLI), page.y(0))).isEqualTo(page.colour("--lease"));
    }

    @Test
    void aClickSaysWhoHowLongWaitedAndOutcome() throws IOException {
        Page page = small(false);
        page.click(page.x(300 * MILLI), page.y(1));
        assertThat(page.details())
                .contains("beta held the connection for 200.0 ms")
                .contains("from +200.0 ms (12:00:00.323456 UTC) to +400.0 ms")
                .contains("waited 150.0 ms")
                .contains("Outcome: released, rolled back.");
        page.click(page.x(700 * MILLI), page.y(2));
        assertThat(page.details())
                .contains("<img src=x onerror=alert(1)>")
                .contains("waited 200.0 ms, opening took 50.0 ms")
                .contains("Outcome: revoked.");
        page.click(page.x(950 * MILLI), page.top() + page.number("lanesTop") - 30);
        assertThat(page.details()).contains("commit unknown, beta, at +950.0 ms");
        page.click(page.x(100 * MILLI), page.y(1));
        assertThat(page.details()).contains("beta waited here, then held the connection");
        page.click(page.x(950 * MILLI), page.y(0));
        assertThat(page.details()).as("a click on nothing").isEmpty();
    }

    @Tag("long")
    @Test
    void whatIsUnderThePointerIsShown() throws IOException {
        Page page = small(false);
        page.move(page.x(100 * MILLI), page.y(0));
        assertThat(page.text("tooltip")).contains("alpha held the connection for 200.0 ms");
        page.move(page.x(320 * MILLI), page.top() + 60);
        assertThat(page.text("tooltip")).contains("1 waiting");
    }

    @Tag("long")
    @Test
    void theWheelZoomsAtThePointerAndADragMoves() throws IOException {
        Page page = small(false);
        double x = page.x(300 * MILLI);
        page.wheel(x, page.y(1), -300);
        double shown = page.number("to") - page.number("from");
        assertThat(shown).isBetween(350.0 * MILLI, 450.0 * MILLI);
        assertThat(page.x(300 * MILLI)).isCloseTo(x, offset(2.0));
        page.drag(600, page.y(1), 500, page.y(1));
        assertThat(page.x(300 * MILLI)).isCloseTo(x - 100, offset(3.0));
        page.click(page.x(300 * MILLI), page.y(1));
        assertThat(page.details()).startsWith("beta held");
        for (int i = 0; i < 20; i++) {
            page.wheel(x, page.y(1), 300);
        }
        assertThat(page.number("to") - page.number("from"))
                .as("no further than all")
                .isLessThan(1001.0 * MILLI);
        page.drag(page.x(500 * MILLI), page.top() + 10, page.x(600 * MILLI), page.top() + 12);
        assertThat(page.number("from")).isCloseTo(500.0 * MILLI, offset(3.0 * MILLI));
        assertThat(page.number("to")).isCloseTo(600.0 * MILLI, offset(3.0 * MILLI));
    }

    @Tag("long")
    @Test
    void keysDoWhatTheMouseDoes() throws IOException {
        Page page = small(false);
        page.key("+");
        assertThat(page.number("to") - page.number("from")).isCloseTo(500.0 * MILLI, within(MILLI));
        double from = page.number("from");
        page.key("ArrowRight");
        assertThat(page.number("from")).isCloseTo(from + 75 * MILLI, within(MILLI));
        page.key("0");
        assertThat(page.number("from")).isZero();
        page.key("n");
        assertThat(page.details()).startsWith("alpha held");
        page.key("n");
        assertThat(page.details()).startsWith("beta held");
        page.key("p");
        assertThat(page.details()).startsWith("alpha held");
        page.key("Escape");
        assertThat(page.state("selected")).isEmpty();
        page.key("m");
        assertThat(page.details()).startsWith("forced rollback, beta").contains("the work threw");
        page.key("m");
        assertThat(page.details()).startsWith("session opened").contains("in 49.0 ms");
        page.key("M");
        assertThat(page.details()).startsWith("forced rollback");
        page.key("Enter");
        assertThat(page.number("to") - page.number("from")).isLessThan(10.0 * MILLI);
        assertThat(browser.evaluate("document.activeElement.id").getAsString()).isEqualTo("chart");
    }

    @Test
    void itHasNamesAndALegendForThoseWhoDoNotSeeTheColours() throws IOException {
        Page page = small(false);
        assertThat(page.text("legend"))
                .contains("holds the connection")
                .contains("released, rolled back")
                .contains("revoked")
                .contains("commit unknown")
                .doesNotContain("abandoned");
        assertThat(browser.evaluate("document.getElementById('chart').getAttribute('aria-label')")
                        .getAsString())
                .startsWith("Timeline of 3 leases of 3 threads");
        assertThat(browser.evaluate("[...document.querySelectorAll('button, select')].every(e => e.textContent.trim())")
                        .getAsBoolean())
                .isTrue();
        assertThat(browser.evaluate("document.getElementById('details').getAttribute('aria-live')")
                        .getAsString())
                .isEqualTo("polite");
    }

    @Tag("long")
    @Test
    void severalManagersAreAChoice() throws IOException {
        History other = Histories.regular(4, 100, MILLI);
        Page page = Page.open(
                browser, Histories.page(directory, new TimelinePage(), Histories.small(), other), 1200, 700, false);
        assertThat(page.state("manager")).isEqualTo("books");
        browser.evaluate("(() => { const s = document.getElementById('manager'); s.value = '1';"
                + " s.dispatchEvent(new Event('change')); })()");
        await().atMost(Duration.ofMinutes(1)).until(() -> page.state("manager").equals("regular"));
        assertThat(page.text("summary")).contains("100 leases of 4 threads");
        page.key("n");
        assertThat(page.details()).startsWith("worker-0 held");
    }

    @Tag("long")
    @Test
    void manyThreadsScroll() throws IOException {
        History many = Histories.regular(512, 2048, MILLI);
        Page page = Page.open(browser, Histories.page(directory, new TimelinePage(), many), 1200, 700, false);
        assertThat(page.state("lanes")).startsWith("0-");
        int drawn = Integer.parseInt(page.state("lanes").substring(2));
        assertThat(drawn).isBetween(15, 40);
        for (int i = 0; i < 6; i++) {
            page.key("PageDown");
        }
        assertThat(page.state("lanes")).startsWith("60-");
        browser.evaluate("document.getElementById('scroll').scrollTop = 1e9");
        assertThat(page.state("lanes")).endsWith("-511");
        page.key("0");
        page.key("n"); // the first lease is the first thread's
        assertThat(page.state("lanes")).startsWith("0-");
    }

    @Tag("long")
    @Test
    void aMillionLeasesOpenInABoundedPageAndDrawInABoundedNumberOfSteps() throws IOException {
        long period = 130_000;
        History million = Histories.regular(64, 1_000_000, period);
        Path file = Histories.page(directory, new TimelinePage(), million);
        assertThat(Files.size(file)).isLessThan(16L << 20);
        Page page = Page.open(browser, file, 1400, 800, false);
        assertThat(page.text("summary")).contains("1,000,000 leases of 64 threads");
        assertThat(page.state("detail")).isEqualTo("level");
        BufferedImage shot = page.screenshot();
        assertThat(at(shot, page.x(million.span() / 2), page.y(3)))
                .as("each thread holds it now and then, all the time")
                .isNotEqualTo(page.colour("--back"));
        Set<String> details = new HashSet<>();
        double middle = page.number("plotLeft") + page.number("plotWidth") / 2;
        for (int i = 0; i < 60 && !page.state("detail").equals("single"); i++) {
            details.add(page.state("detail"));
            assertThat(page.number("operations")).isLessThan(1500);
            page.wheel(middle, page.y(3), -200);
        }
        assertThat(details).containsExactlyInAnyOrder("level", "counted");
        assertThat(page.number("operations")).isLessThan(10_000);
        for (int i = 0; i < 3; i++) {
            page.wheel(middle, page.y(3), -200);
        }
        // Thread 3's lease that is nearest to the middle of what is shown.
        long number = Math.round((page.number("from") + page.number("to")) / 2 / period / 64) * 64 + 3;
        page.click(page.x(number * period + period / 4), page.y(3));
        assertThat(page.state("selected")).isEqualTo("lease " + number);
        assertThat(page.details())
                .startsWith("worker-3 held the connection for 65.0 µs")
                .contains("waited 8.06 ms");
    }

    @Tag("long")
    @Test
    void ofMoreLeasesThanAPageTakesItHasTheLongestAndTheLevelsHaveAll() throws IOException {
        History history = Histories.regular(8, 100_000, MILLI);
        List<Lease> leases = new ArrayList<>(history.leases());
        Lease longest = leases.get(4242);
        leases.set(4242, new Lease(longest.start(), longest.end() + 1000, 2, Outcome.LOST, longest.waited(), 0));
        History uneven = new History(
                "m", history.origin(), history.span(), history.lanes(), leases, history.waits(), history.marks());
        Path file = Histories.page(directory, new TimelinePage(1000, 500), uneven);
        assertThat(Files.size(file)).isLessThan(500_000);
        Page page = Page.open(browser, file, 1200, 700, false);
        assertThat(page.state("detail")).isEqualTo("level");
        assertThat(page.text("summary"))
                .contains("100,000 leases of 8 threads")
                .contains("the 1,000 longest leases")
                .contains("of 10,000 marks");
        assertThat(browser.evaluate("!!document.querySelector('.failure')").getAsBoolean())
                .isFalse();
        BufferedImage shot = page.screenshot();
        assertThat(at(shot, page.x(history.span() * 9 / 10), page.y(5))).isNotEqualTo(page.colour("--back"));
    }

    @Tag("long")
    @Test
    void aHistoryWithoutLeasesIsDrawnToo() throws IOException {
        History empty = new History(
                "m",
                Histories.ORIGIN,
                0,
                List.of(),
                List.of(),
                List.of(),
                List.of(new Mark(0, Mark.Kind.OPENING_FAILED, Mark.NO_LANE, "java.net.ConnectException")));
        Page page = Page.open(browser, Histories.page(directory, new TimelinePage(), empty), 1200, 700, false);
        page.key("n");
        page.key("m");
        assertThat(page.details()).contains("opening failed").contains("java.net.ConnectException");
        page.key("+");
        page.key("Enter");
        assertThat(page.state("detail")).isEqualTo("single");
    }

    private Page small(boolean dark) throws IOException {
        return Page.open(browser, Histories.page(directory, new TimelinePage(), Histories.small()), 1200, 700, dark);
    }

    private static Offset<Double> within(double nanos) {
        return offset(nanos);
    }

    private static int at(BufferedImage shot, double x, double y) {
        return shot.getRGB((int) Math.round(x), (int) Math.round(y)) & 0xffffff;
    }

    /** Those around a point, so many pixels in each direction. */
    private static Set<Integer> colours(BufferedImage shot, double x, double y, int reach) {
        Set<Integer> colours = new HashSet<>();
        for (int dx = -5; dx <= 5; dx++) {
            for (int dy = -reach; dy <= reach; dy++) {
                colours.add(at(shot, x + dx, y + dy));
            }
        }
        return colours;
    }
}
