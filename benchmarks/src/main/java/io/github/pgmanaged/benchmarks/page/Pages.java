package io.github.pgmanaged.benchmarks.page;

import io.github.pgmanaged.benchmarks.results.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the page and its plots. */
public final class Pages {
    private Pages() {}

    /**
     * Writes them: all are made before the first is put in its place, and each is put there whole.
     *
     * @param results what was measured
     * @param directory gets {@code benchmarks.md}, and the plots in {@code benchmarks/}
     * @return the page
     */
    public static Path write(Results results, Path directory) throws IOException {
        Map<String, String> plots = Plots.of(results);
        Map<Path, String> files = new LinkedHashMap<>();
        Path images = Files.createDirectories(directory.resolve("benchmarks"));
        plots.forEach((name, svg) -> files.put(images.resolve(name), svg));
        Path page = directory.resolve("benchmarks.md");
        files.put(page, Page.of(results, plots.keySet()));
        for (Map.Entry<Path, String> file : files.entrySet()) {
            Files.writeString(beside(file.getKey()), file.getValue());
        }
        for (Path file : files.keySet()) {
            Files.move(beside(file), file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        return page;
    }

    private static Path beside(Path file) {
        return file.resolveSibling(file.getFileName() + ".new");
    }
}
