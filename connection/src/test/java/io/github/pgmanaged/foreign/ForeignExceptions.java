package io.github.pgmanaged.foreign;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Exceptions one of whose methods is a trap. */
final class ForeignExceptions {
    private static final List<String> METHODS =
            List.of("getMessage", "getLocalizedMessage", "getCause", "toString", "getStackTrace", "printStackTrace");
    private static final List<String> SQL_METHODS = List.of(
            "getSQLState", "getNextException", "iterator", "getMessage", "getCause", "toString", "getStackTrace");
    private static final List<String> BATCH_METHODS = List.of("getSQLState", "getCause");

    private ForeignExceptions() {}

    /** One of them: its name, and how it is made. */
    record Kind(String name, BiFunction<String, Trap, Throwable> maker, String method) {
        Throwable make(Trap trap) {
            return maker.apply(method, trap);
        }

        @Override
        public String toString() {
            return name + "." + method;
        }
    }

    static Stream<Kind> all() {
        return Stream.of(
                        kinds("RuntimeException", Plain::new, METHODS),
                        kinds("SQLException", Sql::new, SQL_METHODS),
                        kinds("BatchUpdateException", Batch::new, BATCH_METHODS))
                .flatMap(kinds -> kinds);
    }

    private static Stream<Kind> kinds(String name, BiFunction<String, Trap, Throwable> maker, List<String> methods) {
        return methods.stream().map(method -> new Kind(name, maker, method));
    }

    private static final class Plain extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient String method;
        private final transient Trap trap;

        Plain(String method, Trap trap) {
            super("foreign");
            this.method = method;
            this.trap = trap;
        }

        private boolean springs(String called) {
            return called.equals(method) && trap.spring();
        }

        @Override
        public String getMessage() {
            return springs("getMessage") ? null : super.getMessage();
        }

        @Override
        public String getLocalizedMessage() {
            return springs("getLocalizedMessage") ? null : super.getLocalizedMessage();
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return springs("getCause") ? null : super.getCause();
        }

        @Override
        public String toString() {
            return springs("toString") ? null : super.toString();
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            return springs("getStackTrace") ? null : super.getStackTrace();
        }

        @Override
        public void printStackTrace(PrintStream to) {
            springs("printStackTrace");
        }

        @Override
        public void printStackTrace(PrintWriter to) {
            springs("printStackTrace");
        }
    }

    private static final class Sql extends SQLException {
        private static final long serialVersionUID = 1L;
        private final transient String method;
        private final transient Trap trap;

        Sql(String method, Trap trap) {
            super("foreign", "08006");
            this.method = method;
            this.trap = trap;
        }

        private boolean springs(String called) {
            return called.equals(method) && trap.spring();
        }

        @Override
        public String getSQLState() {
            return springs("getSQLState") ? null : super.getSQLState();
        }

        @Override
        public SQLException getNextException() {
            return springs("getNextException") ? null : super.getNextException();
        }

        @Override
        public Iterator<Throwable> iterator() {
            return springs("iterator") ? null : super.iterator();
        }

        @Override
        public String getMessage() {
            return springs("getMessage") ? null : super.getMessage();
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return springs("getCause") ? null : super.getCause();
        }

        @Override
        public String toString() {
            return springs("toString") ? null : super.toString();
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            return springs("getStackTrace") ? null : super.getStackTrace();
        }
    }

    private static final class Batch extends BatchUpdateException {
        private static final long serialVersionUID = 1L;
        private final transient String method;
        private final transient Trap trap;

        Batch(String method, Trap trap) {
            super("foreign", "23505", 0, new int[0], null);
            this.method = method;
            this.trap = trap;
        }

        private boolean springs(String called) {
            return called.equals(method) && trap.spring();
        }

        @Override
        public String getSQLState() {
            return springs("getSQLState") ? null : super.getSQLState();
        }

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public Throwable getCause() {
            return springs("getCause") ? null : super.getCause();
        }
    }
}
