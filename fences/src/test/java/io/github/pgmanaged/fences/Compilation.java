package io.github.pgmanaged.fences;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** What javac makes of a few sources with the processor beside them. */
record Compilation(List<String> errors, Path generated) {
    /** What the processor expects to find, cut down to what generated classes call. */
    private static final List<String> HOUSE = List.of("""
            package io.github.pgmanaged.internal.fence;
            @interface Forwards {
                Class<?> value();
                Class<?>[] also() default {};
                Class<?> onTopOf() default Handle.class;
                String[] local() default {};
                String[] harmless() default {};
                String[] byHand() default {};
            }""", """
            package io.github.pgmanaged.internal.fence;
            class Fence {
                Gate gate() { return new Gate(); }
                void check() {}
                void checkUnchecked() {}
                void enter() {}
                void enterUnchecked() {}
                void exit(String call) {}
                java.sql.SQLException failed(java.sql.SQLException e) { return e; }
                void brokeOff(Throwable e) {}
                static RuntimeException unchecked(Throwable e) { return new RuntimeException(e); }
            }""", """
            package io.github.pgmanaged.internal.fence;
            class Gate { boolean tryEnter() { return true; } }""", """
            package io.github.pgmanaged.internal.fence;
            abstract class Handle {
                final Fence fence;
                Handle(Fence fence) { this.fence = fence; }
                abstract Object delegate();
                boolean isLocal() { return true; }
                java.sql.Array fenced(java.sql.Array raw) { return new FencedArray(fence, raw); }
                java.io.Reader fenced(java.io.Reader raw) { return raw; }
                <T> T fenced(Class<T> type, T raw) { return raw; }
                Object fencedObject(Object raw) { return raw; }
                Object[] fencedObjects(Object[] raw) { return raw; }
                <T> T unfenced(T argument) { return argument; }
            }""", """
            package io.github.pgmanaged.internal.fence;
            import java.sql.ResultSet;
            import java.util.Map;
            @Forwards(value = java.sql.Array.class, byHand = "getResultSet")
            final class FencedArray extends ForwardingArray {
                FencedArray(Fence fence, java.sql.Array delegate) { super(fence, delegate); }
                public ResultSet getResultSet() { return null; }
                public ResultSet getResultSet(Map<String, Class<?>> map) { return null; }
                public ResultSet getResultSet(long index, int count) { return null; }
                public ResultSet getResultSet(long index, int count, Map<String, Class<?>> map) { return null; }
            }""");

    /** Compiles these sources, each of one top-level type that comes first, into a folder. */
    static Compilation of(Path folder, String... sources) {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
        List<Source> all = Stream.concat(HOUSE.stream(), Stream.of(sources))
                .map(Source::new)
                .toList();
        List<String> options = List.of("-d", folder.toString(), "-s", folder.toString(), "-classpath", "");
        JavaCompiler.CompilationTask task = javac.getTask(null, null, said, options, null, all);
        task.setProcessors(List.of(new ForwardingProcessor()));
        task.call();
        List<String> errors = said.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ROOT))
                .toList();
        return new Compilation(errors, folder);
    }

    /** The source of a generated class. */
    String source(String name) {
        try {
            return Files.readString(generated.resolve("io/github/pgmanaged/internal/fence/" + name + ".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///" + path(text)), Kind.SOURCE);
            this.text = text;
        }

        private static String path(String text) {
            String folder = text.replaceFirst("(?s)^package ([^;]*);.*", "$1").replace('.', '/');
            return folder + "/" + text.replaceFirst("(?s)^.*?\\b(?:class|interface) (\\w+).*", "$1") + ".java";
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
