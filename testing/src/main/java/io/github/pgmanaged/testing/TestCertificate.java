package io.github.pgmanaged.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A certificate that a server on this machine may show, and that no authority issued.
 *
 * <p>Thread safety: safe.
 */
public final class TestCertificate {
    private static final String PASSWORD = "changeit";

    private final KeyStore keys;
    private final String alias;
    private final Path file;

    private TestCertificate(KeyStore keys, Path file) throws GeneralSecurityException {
        this.keys = keys;
        this.alias = keys.aliases().nextElement();
        this.file = file;
    }

    /** Makes one, with the JDK's keytool. */
    public static TestCertificate make(Path directory) throws IOException, InterruptedException {
        Path store = directory.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool made no certificate");
        }
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            TestCertificate certificate = new TestCertificate(keys, directory.resolve("server.crt"));
            certificate.writeCertificate(certificate.file);
            return certificate;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    /** It in PEM: what a client is to trust. */
    public Path file() {
        return file;
    }

    /** Writes it and its key as a PostgreSQL server reads them. */
    public void write(Path certificate, Path key) throws IOException {
        try {
            writeCertificate(certificate);
            pem(key, "PRIVATE KEY", keys.getKey(alias, PASSWORD.toCharArray()).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private void writeCertificate(Path to) throws IOException, GeneralSecurityException {
        pem(to, "CERTIFICATE", keys.getCertificate(alias).getEncoded());
    }

    private static void pem(Path to, String what, byte[] der) throws IOException {
        Files.writeString(
                to,
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + what
                        + "-----\n");
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-------"));
    }

    /** For a server in this JVM. */
    public SSLContext context() throws IOException {
        try {
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
