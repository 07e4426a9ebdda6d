package io.github.pgmanaged.cli.timeline;

import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Makes the picture of the manual from a page of the demo: the moment in which the killed session is replaced. */
final class Picture {
    private static final int WIDTH = 1200;
    private static final int HEIGHT = 560;

    private Picture() {}

    /** The page, and where the picture goes. */
    public static void main(String[] args) throws IOException {
        try (Browser browser = new Browser()) {
            Page page = Page.open(browser, Path.of(args[0]).toAbsolutePath(), WIDTH, HEIGHT, false);
            double row = page.top() + 24 + 64 + 16 + 11; // the second one: sessions opened
            double x = page.number("plotLeft") + 40; // past the first one
            do {
                x += 6;
                page.click(x, row);
            } while (!page.details().startsWith("session opened") && x < WIDTH);
            page.key("Enter");
            for (int i = 0; i < 6; i++) {
                page.key("-");
            }
            page.key("p");
            page.move(1, 1);
            ImageIO.write(page.screenshot(), "png", Path.of(args[1]).toFile());
        }
    }
}
