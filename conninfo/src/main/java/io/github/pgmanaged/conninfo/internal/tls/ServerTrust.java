package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom a connection trusts: the roots of a file, or the roots of the JVM, less what is revoked. */
final class ServerTrust {
    private static final String FAILURE = "could not read root certificate file";
    private static final String SYSTEM = "system";

    private final List<TrustedCertificate> trusted;
    private final @Nullable RevocationLists revoked;
    private final @Nullable String host;

    private ServerTrust(List<TrustedCertificate> trusted, @Nullable RevocationLists revoked, @Nullable String host) {
        this.trusted = trusted;
        this.revoked = revoked;
        this.host = host;
    }

    /**
     * Makes the trust manager.
     *
     * @param roots a file, or {@code system}
     * @param revoked what is revoked, if that is to be checked
     * @param host whom the server's certificate must be for; null if for anybody
     * @return what verifies the server's chain
     * @throws IOException if a file cannot be read, with libpq's words
     */
    static TrustManager verifying(String roots, @Nullable RevocationLists revoked, @Nullable String host)
            throws IOException {
        if (!roots.equals(SYSTEM)) {
            return new ChainTrustManager(
                    new ServerTrust(Certificates.readTrusted(FAILURE, roots), revoked, host), null);
        }
        try {
            X509ExtendedTrustManager jdk = systemTrust();
            List<TrustedCertificate> trusted = new ArrayList<>();
            for (X509Certificate root : jdk.getAcceptedIssuers()) {
                trusted.add(TrustedCertificate.asRoot(root));
            }
            if (trusted.isEmpty()) {
                throw new UnusableFileException(
                        "could not load system root certificate paths: the JVM trusts no certificate");
            }
            return new ChainTrustManager(new ServerTrust(trusted, revoked, host), jdk);
        } catch (GeneralSecurityException e) {
            throw TlsFiles.failed(FAILURE, roots, e);
        }
    }

    private static X509ExtendedTrustManager systemTrust() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("the JVM has no trust manager for X.509");
    }

    /**
     * Checks what a server sent.
     *
     * @param exchange how keys are exchanged, in Java's words
     * @throws CertificateException if it is not to be trusted
     */
    void check(X509Certificate[] presented, String exchange) throws CertificateException {
        ServerPath path = ServerPath.find(presented, trusted);
        // OpenSSL insists on it up to TLS 1.2, where Java knows the exchange, and for elliptic curves alone.
        PathRules.check(path, exchange.contains("ECDSA"));
        if (revoked != null) {
            revoked.check(path.certificates());
        }
    }

    /**
     * Checks that a server's certificate is for the host, if that matters.
     *
     * @throws CertificateException if it is not
     */
    void checkHost(X509Certificate certificate) throws CertificateException {
        if (host != null) {
            HostIdentity.check(certificate, host);
        }
    }

    X509Certificate[] issuers() {
        return trusted.stream().map(TrustedCertificate::certificate).toArray(X509Certificate[]::new);
    }
}
