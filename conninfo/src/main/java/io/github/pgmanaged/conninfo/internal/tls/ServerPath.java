package io.github.pgmanaged.conninfo.internal.tls;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The path from a server's certificate to one that is trusted, found as OpenSSL finds it: the certificates of the root
 * file go before those that the server sent, and the path ends at a self-signed one of the file, or at one that the
 * file says is trusted whatever it is. {@link PathRules} judge it.
 */
final class ServerPath {
    /** OpenSSL's limit. */
    private static final int LONGEST = 100;

    private static final int CERT_SIGN = 5;
    private static final int KEY_IDENTIFIER = 0x80;
    private static final int ISSUER_SERIAL = 0x82;

    private final List<X509Certificate> certificates;
    private final boolean vouchedFor;

    private ServerPath(List<X509Certificate> certificates, boolean vouchedFor) {
        this.certificates = List.copyOf(certificates);
        this.vouchedFor = vouchedFor;
    }

    /** The server's certificate first, the trusted one last. */
    List<X509Certificate> certificates() {
        return certificates;
    }

    /** Whether the root file says that the last one is trusted for servers, whatever its purposes are. */
    boolean isVouchedFor() {
        return vouchedFor;
    }

    /**
     * Finds it.
     *
     * @param presented what the server sent, its own first
     * @param trusted the certificates of the root file
     * @throws CertificateException if there is none, with OpenSSL's words
     */
    static ServerPath find(X509Certificate[] presented, List<TrustedCertificate> trusted) throws CertificateException {
        List<X509Certificate> path = new ArrayList<>();
        X509Certificate top = presented[0];
        TrustedCertificate found = isSelfSigned(top) ? listed(top, trusted) : null;
        path.add(top);
        while (path.size() <= LONGEST) {
            if (found != null) {
                switch (found.trust()) {
                    case NEVER -> throw new CertificateException("certificate rejected: " + name(top));
                    case ALWAYS -> {
                        return new ServerPath(path, true);
                    }
                    case AS_A_ROOT -> {
                        if (isSelfSigned(top)) {
                            return new ServerPath(path, false);
                        }
                    }
                }
            } else if (isSelfSigned(top)) {
                throw new CertificateException((path.size() == 1
                                ? "self-signed certificate: "
                                : "self-signed certificate in certificate chain: ")
                        + name(top));
            }
            boolean amongTrusted = found != null;
            found = trustedIssuer(top, trusted, path);
            X509Certificate issuer = found != null
                    ? found.certificate()
                    : amongTrusted ? null : best(top, Arrays.asList(presented), path);
            if (issuer == null) {
                throw new CertificateException("unable to get local issuer certificate: " + name(top));
            }
            if (found == null && isSelfSigned(issuer)) {
                found = listed(issuer, trusted);
            }
            top = issuer;
            path.add(top);
        }
        throw new CertificateException("certificate chain too long");
    }

    private static @Nullable TrustedCertificate listed(X509Certificate certificate, List<TrustedCertificate> trusted) {
        return trusted.stream()
                .filter(one -> one.certificate().equals(certificate))
                .findFirst()
                .orElse(null);
    }

    private static @Nullable TrustedCertificate trustedIssuer(
            X509Certificate of, List<TrustedCertificate> trusted, List<X509Certificate> path) {
        X509Certificate issuer =
                best(of, trusted.stream().map(TrustedCertificate::certificate).toList(), path);
        return issuer == null ? null : listed(issuer, trusted);
    }

    /** Its issuer: rather one that is valid now, else the one that was valid last. */
    private static @Nullable X509Certificate best(
            X509Certificate of, List<X509Certificate> candidates, List<X509Certificate> path) {
        Instant now = Instant.now();
        X509Certificate best = null;
        for (X509Certificate candidate : candidates) {
            if (path.contains(candidate) || !isIssuer(candidate, of)) {
                continue;
            }
            Instant end = candidate.getNotAfter().toInstant();
            if (!now.isBefore(candidate.getNotBefore().toInstant()) && !now.isAfter(end)) {
                return candidate;
            }
            if (best == null || end.isAfter(best.getNotAfter().toInstant())) {
                best = candidate;
            }
        }
        return best;
    }

    private static boolean isIssuer(X509Certificate issuer, X509Certificate of) {
        if (!issuer.getSubjectX500Principal().equals(of.getIssuerX500Principal()) || !isIdentified(issuer, of)) {
            return false;
        }
        boolean[] usage = issuer.getKeyUsage();
        if (usage != null && !usage[CERT_SIGN]) {
            return false;
        }
        try {
            of.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            // Of several authorities of one name, OpenSSL takes the first. The right one is as good.
            return false;
        }
    }

    /** Issued by its own name and, if it says by which key, by its own: such a one ends a path. */
    static boolean isSelfSigned(X509Certificate certificate) {
        return isSelfIssued(certificate) && isIdentified(certificate, certificate);
    }

    static boolean isSelfIssued(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }

    /** Whether nothing that a certificate says about its issuer's key and serial number is against this one. */
    private static boolean isIdentified(X509Certificate issuer, X509Certificate of) {
        byte[] wanted = of.getExtensionValue(Oids.AUTHORITY_KEY_IDENTIFIER);
        if (wanted == null) {
            return true;
        }
        try {
            Der said = Der.of(wanted).next(Der.OCTET_STRING).next(Der.SEQUENCE);
            while (said.hasNext()) {
                int tag = said.nextTag();
                byte[] value = said.next().content();
                byte[] own = issuer.getExtensionValue(Oids.SUBJECT_KEY_IDENTIFIER);
                if (tag == KEY_IDENTIFIER && own != null) {
                    byte[] identifier = Der.of(own)
                            .next(Der.OCTET_STRING)
                            .next(Der.OCTET_STRING)
                            .content();
                    if (!Arrays.equals(identifier, value)) {
                        return false;
                    }
                }
                if (tag == ISSUER_SERIAL
                        && !Arrays.equals(issuer.getSerialNumber().toByteArray(), value)) {
                    return false;
                }
            }
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String name(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().toString();
    }
}
