package io.github.pgmanaged.benchmarks;

import io.github.pgmanaged.conninfo.ConnInfo;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How the time to parse a string grows with its length: ten times the length should be ten times the time. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParseBenchmark {
    /** The length of the string, in characters. */
    @Param({"1000", "10000", "100000", "1000000"})
    public int length;

    /** What the string is made of. */
    @Param
    public Shape shape = Shape.TYPICAL;

    private String text = "";

    /** Strings that would show a search that begins anew at every character. */
    public enum Shape {
        /** As people write them, in a long value. */
        TYPICAL("host=localhost port=5432 user=me application_name='", "x", "'"),
        /** Many pairs. */
        PAIRS("", "host=a ", ""),
        /** A quoted value of escapes. */
        ESCAPES("password='", "\\'", "'"),
        /** Many hosts with ports. */
        HOSTS("postgres://", "h:1,", "h:1/a"),
        /** Many parameters. */
        PARAMETERS("postgres://h/a?", "user=b&", "user=b"),
        /** Escapes in a URI. */
        PERCENT("postgres://h/", "%41", ""),
        /** Colons and no end of the user's name. */
        COLONS("postgres://", ":", "@h/a"),
        /** A bad string whose error has to cut a secret out. */
        SECRETS("postgres://h/a?", "password=b&", "oops");

        private final String begin;
        private final String middle;
        private final String end;

        Shape(String begin, String middle, String end) {
            this.begin = begin;
            this.middle = middle;
            this.end = end;
        }
    }

    /** Makes the string. */
    @Setup
    public void make() {
        int times = Math.max(0, length - shape.begin.length() - shape.end.length()) / shape.middle.length();
        text = shape.begin + shape.middle.repeat(times) + shape.end;
    }

    /**
     * Parses it and shows it.
     *
     * @return the text, or the error
     */
    @Benchmark
    public String parse() {
        try {
            return ConnInfo.parse(text).toString();
        } catch (InvalidConnInfoException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
