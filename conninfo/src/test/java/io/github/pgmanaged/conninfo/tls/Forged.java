package io.github.pgmanaged.conninfo.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** A certificate and its key. */
record Forged(X509CertificateHolder certificate, KeyPair keys) {
    byte[] der() {
        try {
            return certificate.getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    String pem() {
        return pem("CERTIFICATE", der());
    }

    /** With what OpenSSL notes about it: what it is trusted for, and what not. */
    String trustedPem(ASN1ObjectIdentifier[] trusted, ASN1ObjectIdentifier[] rejected) {
        ASN1EncodableVector notes = new ASN1EncodableVector();
        if (trusted.length > 0) {
            notes.add(new DERSequence(trusted));
        }
        if (rejected.length > 0) {
            notes.add(new DERTaggedObject(false, 0, new DERSequence(rejected)));
        }
        try {
            byte[] der = der();
            byte[] rest = new DERSequence(notes).getEncoded();
            byte[] both = java.util.Arrays.copyOf(der, der.length + rest.length);
            System.arraycopy(rest, 0, both, der.length, rest.length);
            return pem("TRUSTED CERTIFICATE", both);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static String pem(String label, byte[] der) {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(label, der));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }

    /** For a server of Java's, which sends its bytes even if Java does not understand them. */
    X509Certificate toJava() {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der()));
        } catch (CertificateException e) {
            return new Opaque(der(), keys.getPublic());
        }
    }

    /** Bytes that Java does not take for a certificate. */
    private static final class Opaque extends X509Certificate {
        private static final long serialVersionUID = 1L;

        private final byte[] der;
        private final PublicKey key;

        Opaque(byte[] der, PublicKey key) {
            this.der = der;
            this.key = key;
        }

        @Override
        public byte[] getEncoded() {
            return der.clone();
        }

        @Override
        public PublicKey getPublicKey() {
            return key;
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }

        @Override
        public String toString() {
            return "opaque";
        }

        private static UnsupportedOperationException unknown() {
            return new UnsupportedOperationException("Java does not understand this certificate");
        }

        @Override
        public void verify(PublicKey by) {
            throw unknown();
        }

        @Override
        public void verify(PublicKey by, String provider) {
            throw unknown();
        }

        @Override
        public void checkValidity() {
            throw unknown();
        }

        @Override
        public void checkValidity(java.util.Date date) {
            throw unknown();
        }

        @Override
        public int getVersion() {
            throw unknown();
        }

        @Override
        public java.math.BigInteger getSerialNumber() {
            throw unknown();
        }

        @Override
        @SuppressWarnings("deprecation")
        public java.security.Principal getIssuerDN() {
            throw unknown();
        }

        @Override
        @SuppressWarnings("deprecation")
        public java.security.Principal getSubjectDN() {
            throw unknown();
        }

        @Override
        public java.util.Date getNotBefore() {
            throw unknown();
        }

        @Override
        public java.util.Date getNotAfter() {
            throw unknown();
        }

        @Override
        public byte[] getTBSCertificate() {
            throw unknown();
        }

        @Override
        public byte[] getSignature() {
            throw unknown();
        }

        @Override
        public String getSigAlgName() {
            throw unknown();
        }

        @Override
        public String getSigAlgOID() {
            throw unknown();
        }

        @Override
        public byte[] getSigAlgParams() {
            throw unknown();
        }

        @Override
        public boolean[] getIssuerUniqueID() {
            throw unknown();
        }

        @Override
        public boolean[] getSubjectUniqueID() {
            throw unknown();
        }

        @Override
        public boolean[] getKeyUsage() {
            throw unknown();
        }

        @Override
        public int getBasicConstraints() {
            throw unknown();
        }

        @Override
        public java.util.Set<String> getCriticalExtensionOIDs() {
            throw unknown();
        }

        @Override
        public java.util.Set<String> getNonCriticalExtensionOIDs() {
            throw unknown();
        }

        @Override
        public byte[] getExtensionValue(String oid) {
            throw unknown();
        }

        @Override
        public boolean hasUnsupportedCriticalExtension() {
            throw unknown();
        }
    }
}
