package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.PSSParameterSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Judges every certificate of a path, the trusted one included, as OpenSSL does for the purpose of a TLS server and at
 * its security level 2. The JDK's validator, which trusts a root without a look at it, is asked about each signature
 * alone: so what the JVM disables stays disabled.
 */
final class PathRules {
    /** The extensions that OpenSSL knows what to do with. */
    private static final Set<String> KNOWN = Set.of(
            Oids.KEY_USAGE,
            Oids.SUBJECT_ALTERNATIVE_NAME,
            Oids.BASIC_CONSTRAINTS,
            Oids.NAME_CONSTRAINTS,
            Oids.CRL_DISTRIBUTION_POINTS,
            Oids.CERTIFICATE_POLICIES,
            Oids.POLICY_MAPPINGS,
            Oids.POLICY_CONSTRAINTS,
            Oids.EXTENDED_KEY_USAGE,
            Oids.INHIBIT_ANY_POLICY,
            Oids.NETSCAPE_TYPE);

    private static final Set<String> SERVER =
            Set.of(Oids.SERVER_AUTH, Oids.NETSCAPE_SERVER_GATED, Oids.MICROSOFT_SERVER_GATED);

    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_ENCIPHERMENT = 2;
    private static final int KEY_AGREEMENT = 4;
    private static final int CERT_SIGN = 5;
    private static final int NETSCAPE_SERVER = 0x40;
    private static final int NETSCAPE_AUTHORITY = 0x04;

    private static final String PSS = "RSASSA-PSS";
    private static final int SHORTEST_RSA = 2048;
    private static final int SHORTEST_EC = 224;

    private final List<X509Certificate> path;
    private final boolean vouchedFor;
    private final boolean signing;

    private PathRules(ServerPath path, boolean signing) {
        this.path = path.certificates();
        this.vouchedFor = path.isVouchedFor();
        this.signing = signing;
    }

    /**
     * Judges a path.
     *
     * @param signing whether the server's key must be one for signatures
     * @throws CertificateException if a certificate is not as it should be, with OpenSSL's words and its name
     */
    static void check(ServerPath path, boolean signing) throws CertificateException {
        new PathRules(path, signing).check();
    }

    private void check() throws CertificateException {
        int last = path.size() - 1;
        int below = 0;
        for (int i = 0; i <= last; i++) {
            X509Certificate certificate = path.get(i);
            checkExtensions(certificate);
            if (i > 0) {
                checkAuthority(certificate, i == last, below);
                below += ServerPath.isSelfIssued(certificate) ? 0 : 1;
            }
            if (i < last || !vouchedFor) {
                checkPurpose(certificate, i == 0);
            }
            checkKey(certificate);
            checkDates(certificate);
            if (i < last) {
                checkDigest(certificate);
                checkSignature(certificate, path.get(i + 1));
            }
        }
        for (int i = 0; i < last; i++) {
            // One that issued itself is a root with a new key, unless it is the server's.
            if (i == 0 || !ServerPath.isSelfIssued(path.get(i))) {
                for (int above = i + 1; above <= last; above++) {
                    NameConstraints.of(path.get(above)).check(path.get(i), i == 0);
                }
            }
        }
    }

    private static void checkExtensions(X509Certificate certificate) throws CertificateException {
        Set<String> critical = certificate.getCriticalExtensionOIDs();
        if (critical != null && !KNOWN.containsAll(critical)) {
            throw refused("unhandled critical extension", certificate);
        }
        try {
            // Java takes some broken ones for absent ones, if they are not critical.
            CertificateNames.of(certificate);
            checkParts(certificate, Oids.BASIC_CONSTRAINTS);
            checkParts(certificate, Oids.EXTENDED_KEY_USAGE);
            checkParts(certificate, Oids.AUTHORITY_KEY_IDENTIFIER);
        } catch (IllegalArgumentException e) {
            throw refused("invalid or inconsistent certificate extension", certificate);
        }
        if ((certificate.getExtensionValue(Oids.KEY_USAGE) != null && certificate.getKeyUsage() == null)
                || (certificate.getExtensionValue(Oids.EXTENDED_KEY_USAGE) != null
                        && certificate.getExtendedKeyUsage() == null)) {
            throw refused("invalid or inconsistent certificate extension", certificate);
        }
    }

    private static void checkParts(X509Certificate certificate, String extension) {
        byte[] value = certificate.getExtensionValue(extension);
        if (value != null) {
            Der parts = Der.of(value).next(Der.OCTET_STRING).next(Der.SEQUENCE);
            while (parts.hasNext()) {
                parts.next();
            }
        }
    }

    private static void checkAuthority(X509Certificate certificate, boolean last, int below)
            throws CertificateException {
        boolean[] usage = certificate.getKeyUsage();
        boolean signs = usage == null || usage[CERT_SIGN];
        boolean constrained = certificate.getExtensionValue(Oids.BASIC_CONSTRAINTS) != null;
        int length = certificate.getBasicConstraints();
        if (!signs || (constrained ? length < 0 : !(last && isOldRoot(certificate)))) {
            throw refused("invalid CA certificate", certificate);
        }
        if (constrained && below > length) {
            throw refused("path length constraint exceeded", certificate);
        }
    }

    /** From the time before basic constraints, or without them by mistake. */
    private static boolean isOldRoot(X509Certificate certificate) throws CertificateException {
        if (certificate.getVersion() == 1) {
            return ServerPath.isSelfSigned(certificate);
        }
        return certificate.getKeyUsage() != null || (netscapeType(certificate) & NETSCAPE_AUTHORITY) != 0;
    }

    private void checkPurpose(X509Certificate certificate, boolean server) throws CertificateException {
        List<String> purposes = certificate.getExtendedKeyUsage();
        boolean fit = purposes == null || !Collections.disjoint(purposes, SERVER);
        if (server) {
            boolean[] usage = certificate.getKeyUsage();
            fit &= usage == null
                    || usage[DIGITAL_SIGNATURE]
                    || (!signing && (usage[KEY_ENCIPHERMENT] || usage[KEY_AGREEMENT]));
            fit &= certificate.getExtensionValue(Oids.NETSCAPE_TYPE) == null
                    || (netscapeType(certificate) & NETSCAPE_SERVER) != 0;
        }
        if (!fit) {
            throw refused("unsuitable certificate purpose", certificate);
        }
    }

    private static int netscapeType(X509Certificate certificate) throws CertificateException {
        byte[] value = certificate.getExtensionValue(Oids.NETSCAPE_TYPE);
        if (value == null) {
            return 0;
        }
        try {
            byte[] bits =
                    Der.of(value).next(Der.OCTET_STRING).next(Der.BIT_STRING).content();
            return bits.length < 2 ? 0 : bits[1] & 0xff;
        } catch (IllegalArgumentException e) {
            throw refused("invalid or inconsistent certificate extension", certificate);
        }
    }

    private static void checkKey(X509Certificate certificate) throws CertificateException {
        PublicKey key = certificate.getPublicKey();
        boolean weak = (key instanceof RSAKey rsa && rsa.getModulus().bitLength() < SHORTEST_RSA)
                || (key instanceof DSAKey dsa
                        && (dsa.getParams() == null || dsa.getParams().getP().bitLength() < SHORTEST_RSA))
                || (key instanceof ECKey ec && ec.getParams().getOrder().bitLength() < SHORTEST_EC);
        if (weak) {
            throw refused("certificate key too weak", certificate);
        }
    }

    private static void checkDigest(X509Certificate certificate) throws CertificateException {
        String algorithm = certificate.getSigAlgName();
        String digest = algorithm.equals(PSS) ? pssDigest(certificate) : algorithm.toUpperCase(Locale.ROOT);
        if (digest.startsWith("SHA1") || digest.equals("SHA-1") || digest.startsWith("MD")) {
            throw refused("CA md too weak", certificate);
        }
    }

    private static String pssDigest(X509Certificate certificate) throws CertificateException {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance(PSS);
            parameters.init(certificate.getSigAlgParams());
            return parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
        } catch (GeneralSecurityException | IOException e) {
            throw refused("invalid signature algorithm", certificate);
        }
    }

    private static void checkDates(X509Certificate certificate) throws CertificateException {
        try {
            certificate.checkValidity();
        } catch (CertificateExpiredException e) {
            throw refused(
                    "certificate has expired on " + certificate.getNotAfter().toInstant(), certificate);
        } catch (CertificateNotYetValidException e) {
            throw refused(
                    "certificate is not yet valid, but from "
                            + certificate.getNotBefore().toInstant(),
                    certificate);
        }
    }

    private static void checkSignature(X509Certificate certificate, X509Certificate issuer)
            throws CertificateException {
        try {
            PKIXParameters parameters = new PKIXParameters(
                    Set.of(new TrustAnchor(issuer.getSubjectX500Principal(), issuer.getPublicKey(), null)));
            parameters.setRevocationEnabled(false);
            parameters.addCertPathChecker(new JudgedHere());
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
        } catch (CertPathValidatorException | InvalidAlgorithmParameterException e) {
            throw new CertificateException(e.getMessage() + ": " + certificate.getSubjectX500Principal(), e);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    private static CertificateException refused(String why, X509Certificate certificate) {
        return new CertificateException(why + ": " + certificate.getSubjectX500Principal());
    }

    /** Takes the critical extensions off the JDK's hands. */
    private static final class JudgedHere extends PKIXCertPathChecker {
        @Override
        public void init(boolean forward) {}

        @Override
        public boolean isForwardCheckingSupported() {
            return true;
        }

        @Override
        public Set<String> getSupportedExtensions() {
            return KNOWN;
        }

        @Override
        public void check(Certificate certificate, Collection<String> unresolved) {
            unresolved.clear();
        }
    }
}
