package io.github.pgmanaged.peers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/** What a library's jar says of its version. */
public final class Versions {
    private Versions() {}

    /**
     * Asks the jar that a class came from.
     *
     * @param type a class of the library
     * @return the version in its manifest, or else in its pom.properties; a directory has none and is "this source
     *     tree"
     */
    public static String of(Class<?> type) {
        try {
            Path place = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                return "this source tree";
            }
            try (JarFile jar = new JarFile(place.toFile())) {
                String version = inManifest(jar);
                return version != null ? version : inPomProperties(jar);
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable String inManifest(JarFile jar) throws IOException {
        Manifest manifest = jar.getManifest();
        if (manifest == null) {
            return null;
        }
        Attributes attributes = manifest.getMainAttributes();
        String version = attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        return version != null ? version : attributes.getValue("Bundle-Version");
    }

    private static String inPomProperties(JarFile jar) throws IOException {
        JarEntry entry = jar.stream()
                .filter(each -> each.getName().endsWith("/pom.properties"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(jar.getName() + " does not say its version"));
        Properties properties = new Properties();
        try (InputStream in = jar.getInputStream(entry)) {
            properties.load(in);
        }
        return properties.getProperty("version", "unknown");
    }
}
