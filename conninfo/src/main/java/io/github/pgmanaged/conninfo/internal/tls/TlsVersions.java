package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** The lowest and the highest TLS version of a connection. */
final class TlsVersions {
    private static final List<String> ALL = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

    /** One of them is always permitted. */
    private static final List<String> USUAL = List.of("TLSv1.2", "TLSv1.3");

    private final @Nullable String min;
    private final @Nullable String max;

    private TlsVersions(@Nullable String min, @Nullable String max) {
        this.min = min;
        this.max = max;
    }

    static TlsVersions between(@Nullable String min, @Nullable String max) throws IOException {
        return new TlsVersions(known("minimum", min), known("maximum", max));
    }

    private static @Nullable String known(String which, @Nullable String version) throws IOException {
        if (version == null || version.isEmpty()) {
            return null;
        }
        for (String known : ALL) {
            if (known.equalsIgnoreCase(version)) {
                return known;
            }
        }
        throw new UnusableFileException("invalid value \"" + version + "\" for " + which + " SSL protocol version");
    }

    /**
     * Sets them.
     *
     * @param permitted whether the JVM permits one of these versions, which takes a while to find out
     * @throws IOException if it has none: as with a file, that is no reason for plain text
     */
    void apply(SSLParameters parameters, String[] supported, Predicate<String[]> permitted) throws IOException {
        if (min == null && max == null) {
            // The JVM's own bounds, as libpq leaves OpenSSL its own.
            return;
        }
        List<String> enabled = new ArrayList<>(ALL.subList(lowest(), highest() + 1));
        enabled.retainAll(Arrays.asList(supported));
        String[] versions = enabled.toArray(new String[0]);
        if (versions.length == 0 || !(enabled.containsAll(USUAL) || permitted.test(versions))) {
            throw new UnusableFileException("no SSL protocol version that Java permits is " + range());
        }
        parameters.setProtocols(versions);
    }

    private int lowest() {
        return min == null ? 0 : ALL.indexOf(min);
    }

    private int highest() {
        // Never below the lowest: libpq refuses such a range before it comes here.
        return Math.max(lowest(), max == null ? ALL.size() - 1 : ALL.indexOf(max));
    }

    private String range() {
        return "between " + ALL.get(lowest()) + " and " + ALL.get(highest());
    }
}
