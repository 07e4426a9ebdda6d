package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whom a connection trusts: nobody checked, or the roots of a file, or the roots of the JVM. */
final class ServerTrust {
    private static final String FAILURE = "could not read root certificate file";
    private static final String SYSTEM = "system";

    private final PKIXBuilderParameters parameters;
    private final @Nullable RevocationLists revoked;

    private ServerTrust(PKIXBuilderParameters parameters, @Nullable RevocationLists revoked) {
        this.parameters = parameters;
        this.revoked = revoked;
    }

    /**
     * Makes the trust manager.
     *
     * @param roots a file, or {@code system}
     * @param crl a file of revocation lists
     * @param crlDirectory a directory of such files
     * @return what verifies the server's chain
     * @throws IOException if a file cannot be read, with libpq's words
     */
    static TrustManager verifying(String roots, @Nullable String crl, @Nullable String crlDirectory)
            throws IOException {
        try {
            PKIXBuilderParameters parameters = parameters(roots);
            RevocationLists revoked = RevocationLists.load(crl, crlDirectory);
            return new ChainTrustManager(trustManager(parameters), new ServerTrust(parameters, revoked));
        } catch (GeneralSecurityException e) {
            throw TlsFiles.failed(FAILURE, roots, e);
        }
    }

    private static PKIXBuilderParameters parameters(String roots) throws IOException, GeneralSecurityException {
        Set<TrustAnchor> anchors = new HashSet<>();
        Set<X509Certificate> others = new HashSet<>();
        if (roots.equals(SYSTEM)) {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init((KeyStore) null);
            for (X509Certificate root : only(factory.getTrustManagers()).getAcceptedIssuers()) {
                anchors.add(new TrustAnchor(root, null));
            }
            if (anchors.isEmpty()) {
                throw new IOException("could not load system root certificate paths: the JVM trusts no certificate");
            }
        } else {
            boolean expired = false;
            for (X509Certificate certificate : Certificates.read(FAILURE, roots)) {
                if (!certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                    // OpenSSL trusts a chain that ends at a root, and takes the others of the file to get there.
                    others.add(certificate);
                } else if (isValid(certificate)) {
                    anchors.add(new TrustAnchor(certificate, null));
                } else {
                    // OpenSSL refuses it. The JDK would trust it.
                    expired = true;
                }
            }
            if (anchors.isEmpty()) {
                throw new IOException(FAILURE + " \"" + roots + "\": "
                        + (expired ? "its root certificates are not valid now" : "no root certificate in it"));
            }
        }
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, null);
        // RevocationLists does it: the JDK's way depends on the JVM's settings and may use the network.
        parameters.setRevocationEnabled(false);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(others)));
        return parameters;
    }

    private static boolean isValid(X509Certificate certificate) {
        try {
            certificate.checkValidity();
            return true;
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return false;
        }
    }

    private static X509ExtendedTrustManager trustManager(PKIXBuilderParameters parameters)
            throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return only(factory.getTrustManagers());
    }

    private static X509ExtendedTrustManager only(TrustManager[] managers) throws GeneralSecurityException {
        for (TrustManager manager : managers) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("the JVM has no trust manager for X.509");
    }

    /**
     * Checks that nothing of a chain is revoked.
     *
     * @param presented what the server sent, already verified
     * @throws CertificateException if something is revoked
     */
    void checkRevocation(X509Certificate[] presented) throws CertificateException {
        if (revoked != null) {
            revoked.check(chain(presented));
        }
    }

    private List<X509Certificate> chain(X509Certificate[] presented) throws CertificateException {
        List<X509Certificate> chain = new ArrayList<>();
        for (TrustAnchor anchor : parameters.getTrustAnchors()) {
            if (presented[0].equals(anchor.getTrustedCert())) {
                return List.of(presented[0]);
            }
        }
        try {
            PKIXBuilderParameters build = (PKIXBuilderParameters) parameters.clone();
            X509CertSelector server = new X509CertSelector();
            server.setCertificate(presented[0]);
            build.setTargetCertConstraints(server);
            build.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(presented))));
            PKIXCertPathBuilderResult result = (PKIXCertPathBuilderResult)
                    CertPathBuilder.getInstance("PKIX").build(build);
            result.getCertPath().getCertificates().forEach(c -> chain.add((X509Certificate) c));
            chain.add(result.getTrustAnchor().getTrustedCert());
            return chain;
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }
}
