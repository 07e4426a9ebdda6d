package io.github.pgmanaged.conninfo.internal.connect;

import io.github.pgmanaged.conninfo.internal.tls.TlsSocketFactory;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.SQLNonTransientConnectionException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What libpq's TLS keywords are in pgjdbc: its {@code sslmode}, and the properties of {@link TlsSocketFactory}. Made
 * for every attempt to connect, because it looks which files exist.
 *
 * <p>libpq verifies the server's chain wherever a root certificate exists, in every mode that uses TLS. Where it must
 * exist and does not, a {@link SQLNonTransientConnectionException} says so in libpq's words.
 *
 * <p>Thread safety: immutable.
 */
final class TlsSettings {
    private static final String INSTEAD = "\nEither provide the file, use the system's trusted roots with"
            + " sslrootcert=system, or change sslmode to disable server certificate verification.";
    private static final String MIN_VERSION = "ssl_min_protocol_version";
    private static final String MAX_VERSION = "ssl_max_protocol_version";
    private static final String DEFAULT_MIN_VERSION = "TLSv1.2";
    private static final String SYSTEM = "system";
    private static final String VERIFY_FULL = "verify-full";

    private final String mode;
    private final Map<String, String> properties;

    private TlsSettings(String mode, Map<String, String> properties) {
        this.mode = mode;
        this.properties = properties;
    }

    /**
     * Works out the settings.
     *
     * @param values libpq's keywords and their values, which are valid; what is absent has libpq's default
     * @param home the home directory as libpq means it, on Windows {@code %APPDATA%\postgresql}; null if there is none
     * @param host the host as it was given, whom the certificate must be for with {@code verify-full}; may be empty
     * @return the settings
     * @throws SQLNonTransientConnectionException if a root certificate must exist and does not, or a host
     */
    static TlsSettings of(Map<String, String> values, @Nullable Path home, String host)
            throws SQLNonTransientConnectionException {
        String roots = get(values, "sslrootcert");
        String mode = values.getOrDefault("sslmode", SYSTEM.equals(roots) ? VERIFY_FULL : "prefer");
        if (mode.equals("disable")) {
            return new TlsSettings(mode, Map.of());
        }
        Map<String, String> properties = new HashMap<>();
        properties.put("sslfactory", TlsSocketFactory.class.getName());
        putTrust(properties, values, home, mode, roots);
        putIdentity(properties, values, home);
        put(properties, TlsSocketFactory.MIN_VERSION, values.getOrDefault(MIN_VERSION, DEFAULT_MIN_VERSION));
        put(properties, TlsSocketFactory.MAX_VERSION, get(values, MAX_VERSION));
        if (mode.equals(VERIFY_FULL)) {
            if (host.isEmpty()) {
                throw refused("host name must be specified for a verified SSL connection");
            }
            properties.put(TlsSocketFactory.HOST, host);
        }
        boolean sni = values.getOrDefault("sslsni", "1").startsWith("1");
        properties.put(TlsSocketFactory.SERVER_NAME_INDICATION, sni ? "1" : "0");
        // The factory verifies the name: pgjdbc's own rules are not libpq's.
        return new TlsSettings(mode.equals(VERIFY_FULL) ? "verify-ca" : mode, Map.copyOf(properties));
    }

    /**
     * pgjdbc's {@code sslmode}. It is libpq's, but never {@code verify-full}: with a factory of ours, pgjdbc takes from
     * it when TLS is used at all.
     */
    String mode() {
        return mode;
    }

    /** Whether the server's chain is verified wherever TLS is used. */
    boolean isChainVerified() {
        return properties.containsKey(TlsSocketFactory.ROOT_CERTIFICATE);
    }

    /** pgjdbc's properties, without its {@code sslmode}; empty if TLS is disabled. They may hold a password. */
    Map<String, String> properties() {
        return properties;
    }

    private static void putTrust(
            Map<String, String> properties,
            Map<String, String> values,
            @Nullable Path home,
            String mode,
            @Nullable String named)
            throws SQLNonTransientConnectionException {
        String roots = named == null ? inHome(home, "root.crt") : named;
        if (!SYSTEM.equals(roots) && !exists(roots)) {
            if (mode.startsWith("verify-")) {
                throw refused((roots == null
                                ? "could not get home directory to locate root certificate file"
                                : "root certificate file \"" + roots + "\" does not exist")
                        + INSTEAD);
            }
            return;
        }
        put(properties, TlsSocketFactory.ROOT_CERTIFICATE, roots);
        String crl = get(values, "sslcrl");
        String directory = get(values, "sslcrldir");
        if (crl == null && directory == null && !SYSTEM.equals(roots)) {
            String usual = inHome(home, "root.crl");
            put(properties, TlsSocketFactory.USUAL_REVOCATION_FILE, exists(usual) ? usual : null);
        }
        put(properties, TlsSocketFactory.REVOCATION_FILE, crl);
        put(properties, TlsSocketFactory.REVOCATION_DIRECTORY, directory);
    }

    private static void putIdentity(Map<String, String> properties, Map<String, String> values, @Nullable Path home) {
        String certificates = values.getOrDefault("sslcertmode", "allow");
        put(properties, TlsSocketFactory.CERTIFICATE_MODE, certificates);
        if (certificates.equals("disable")) {
            return;
        }
        String certificate = get(values, "sslcert");
        String key = get(values, "sslkey");
        put(
                properties,
                TlsSocketFactory.CERTIFICATE,
                certificate == null ? inHome(home, "postgresql.crt") : certificate);
        put(properties, TlsSocketFactory.KEY, key == null ? inHome(home, "postgresql.key") : key);
        put(properties, TlsSocketFactory.PASSWORD, get(values, "sslpassword"));
    }

    private static void put(Map<String, String> properties, String name, @Nullable String value) {
        if (value != null) {
            properties.put(name, value);
        }
    }

    /** Empty counts as absent, as in libpq. */
    private static @Nullable String get(Map<String, String> values, String keyword) {
        String value = values.get(keyword);
        return value == null || value.isEmpty() ? null : value;
    }

    private static @Nullable String inHome(@Nullable Path home, String file) {
        if (home == null) {
            return null;
        }
        boolean windows = File.separatorChar == '\\';
        return (windows ? home : home.resolve(".postgresql")).resolve(file).toString();
    }

    private static boolean exists(@Nullable String file) {
        try {
            return file != null && Files.exists(Path.of(file));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static SQLNonTransientConnectionException refused(String message) {
        return new SQLNonTransientConnectionException(message, "08001");
    }
}
