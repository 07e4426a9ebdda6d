package io.github.pgmanaged.cli;

import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Tells how far the work has got: a bar on a terminal, one line per piece of work elsewhere. */
final class Progress {
    private static final int WIDTH = 79;
    private static final int REDRAW_MILLIS = 200;

    private final PrintWriter err;

    Progress(PrintWriter err) {
        this.err = err;
    }

    /** A piece of work under way. */
    interface Task extends AutoCloseable {
        void advance(Duration elapsed);

        @Override
        void close();
    }

    Task begin(String name, Duration length) {
        return isTerminal() ? bar(name, length) : line(name);
    }

    /** The width is given, so that nobody goes and asks the terminal for it by native code. */
    private static Task bar(String name, Duration length) {
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(length.toMillis())
                .setStyle(ProgressBarStyle.ASCII)
                .setUnit(" s", 1000)
                .setUpdateIntervalMillis(REDRAW_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .hideEta()
                .build();
        return new Task() {
            @Override
            public void advance(Duration elapsed) {
                bar.stepTo(Math.min(elapsed.toMillis(), length.toMillis()));
            }

            @Override
            public void close() {
                bar.close();
            }
        };
    }

    private Task line(String name) {
        err.println(name + " ...");
        err.flush();
        return new Task() {
            @Override
            public void advance(Duration elapsed) {}

            @Override
            public void close() {}
        };
    }

    /** From JDK 22 on there is a console without a terminal, too, and a method that tells. */
    @SuppressWarnings("SystemConsoleNull") // null before JDK 22
    private static boolean isTerminal() {
        if (System.console() == null) {
            return false;
        }
        try {
            Method isTerminal = java.io.Console.class.getMethod("isTerminal");
            return Boolean.TRUE.equals(isTerminal.invoke(System.console()));
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
