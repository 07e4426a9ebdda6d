package io.github.pgmanaged.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The Java snippets of Markdown files, which tests compile and run. A fence begins with {@code ```java}; a word after
 * it names the module whose tests run the snippet, since it needs that module's libraries.
 */
public final class Snippets {
    private static final Pattern FENCE = Pattern.compile("(?s)```java([^\\n]*)\\n(.*?)```");
    private static final Pattern THROWS = Pattern.compile("// throws (\\w+)");
    private static final Pattern IMPORT = Pattern.compile("(?m)^import [^;]+;\\R");

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    /** One for all, since it keeps the jars open. */
    private static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    private Snippets() {}

    /** One of them; the module is empty if none is named. */
    public record Snippet(String module, String code) {
        @Override
        public String toString() {
            return code;
        }
    }

    /** All those of a file. */
    public static List<Snippet> in(Path file) throws IOException {
        List<Snippet> snippets = new ArrayList<>();
        Matcher matcher = FENCE.matcher(Files.readString(file));
        while (matcher.find()) {
            snippets.add(new Snippet(matcher.group(1).strip(), matcher.group(2)));
        }
        return snippets;
    }

    /** All those of the README and of docs/, seen from a module's folder. */
    public static List<Snippet> inAll() throws IOException {
        List<Snippet> snippets = new ArrayList<>(in(Path.of("..", "README.md")));
        try (Stream<Path> files = Files.list(Path.of("..", "docs"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                snippets.addAll(in(file));
            }
        }
        return snippets;
    }

    /** All of the README and of docs/ that a module's tests run. */
    public static List<Snippet> ofModule(String module) throws IOException {
        return inAll().stream()
                .filter(snippet -> snippet.module().equals(module))
                .toList();
    }

    /**
     * Compiles a snippet as the body of a method with one parameter, calls it with assertions on, and checks that it
     * throws what it says, or nothing. If it has imports, it has to make do with them; if it is a program, its class is
     * called Main.
     *
     * @param folder for the class files
     * @param imports the packages that it needs, as declarations
     * @param parameter the parameter's name
     */
    public static <T> void run(Path folder, String imports, String code, Class<T> type, String parameter, T argument)
            throws Exception {
        String own = IMPORT.matcher(code).results().map(MatchResult::group).collect(Collectors.joining());
        String source = (own.isEmpty() ? imports : own) + "\npublic class Snippet { public static void run("
                + type.getName() + " " + parameter + ") throws Exception {\n"
                + IMPORT.matcher(code).replaceAll("")
                + (code.contains("void main(String[] args)") ? "\nMain.main(new String[0]);" : "") + "\n} }\n";
        Throwable thrown = call(compiled(folder, source), type, argument);
        Matcher announced = THROWS.matcher(code);
        if (announced.find()) {
            assertThat(thrown == null ? "nothing" : thrown.getClass().getSimpleName())
                    .isEqualTo(announced.group(1));
        } else {
            assertThat(thrown).isNull();
        }
    }

    private static Path compiled(Path folder, String source) throws IOException {
        Path file = Files.writeString(folder.resolve("Snippet.java"), source);
        StringWriter errors = new StringWriter();
        boolean compiles = COMPILER.getTask(
                        errors,
                        FILES,
                        null,
                        List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        FILES.getJavaFileObjects(file))
                .call();
        assertThat(compiles).as("compiles: " + errors + "\n" + source).isTrue();
        return folder;
    }

    private static @Nullable Throwable call(Path classes, Class<?> type, Object argument) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, Snippets.class.getClassLoader())) {
            loader.setDefaultAssertionStatus(true);
            Method method = loader.loadClass("Snippet").getMethod("run", type);
            return catchThrowable(() -> {
                try {
                    method.invoke(null, argument);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            });
        }
    }
}
