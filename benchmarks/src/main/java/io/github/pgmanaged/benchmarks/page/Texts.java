package io.github.pgmanaged.benchmarks.page;

import java.util.Locale;
import java.util.function.DoubleFunction;

/** How figures are written: the same everywhere. What was not measured is a dash. */
final class Texts {
    private static final String UNKNOWN = "–";

    private Texts() {}

    static String count(double value) {
        return known(value, v -> String.format(Locale.ROOT, "%,.0f", v));
    }

    /** Three digits, or all that stand before the point. */
    static String digits(double value) {
        return known(value, v -> {
            double size = Math.abs(v);
            String format =
                    size >= 99.95 ? "%,.0f" : size >= 9.995 ? "%.1f" : size >= 0.995 || size == 0 ? "%.2f" : "%.3f";
            return String.format(Locale.ROOT, format, v);
        });
    }

    static String millis(double nanos) {
        return digits(nanos / 1e6);
    }

    static String micros(double nanos) {
        return digits(nanos / 1e3);
    }

    /** In which a time is told. */
    static String unit(double nanos) {
        return nanos < 1e6 ? "ns" : "ms";
    }

    static String in(String unit, double nanos) {
        return unit.equals("ms") ? millis(nanos) : digits(nanos);
    }

    static String ratio(double value) {
        return known(value, v -> String.format(Locale.ROOT, "%.2f", v));
    }

    /** Below zero is what could not be measured. */
    static String orUnknown(double value) {
        return value < 0 ? UNKNOWN : ratio(value);
    }

    static String megabytes(double bytes) {
        return digits(bytes / (1024 * 1024));
    }

    private static String known(double value, DoubleFunction<String> format) {
        return Double.isNaN(value) || Double.isInfinite(value) ? UNKNOWN : format.apply(value);
    }
}
