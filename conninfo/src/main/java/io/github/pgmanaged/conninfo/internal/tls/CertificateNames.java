package io.github.pgmanaged.conninfo.internal.tls;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The names of a certificate, in their bytes and in their order. */
final class CertificateNames {
    private final List<GeneralName> alternatives = new ArrayList<>();
    private final byte[] subject;

    private CertificateNames(X509Certificate certificate) {
        this.subject = certificate.getSubjectX500Principal().getEncoded();
        byte[] extension = certificate.getExtensionValue(Oids.SUBJECT_ALTERNATIVE_NAME);
        if (extension != null) {
            Der names = Der.of(extension).next(Der.OCTET_STRING).next(Der.SEQUENCE);
            while (names.hasNext()) {
                alternatives.add(GeneralName.next(names));
            }
        }
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if they are broken
     */
    static CertificateNames of(X509Certificate certificate) {
        return new CertificateNames(certificate);
    }

    /** The subject's alternative names. */
    List<GeneralName> alternatives() {
        return alternatives;
    }

    /** The values of an attribute of the subject. */
    List<byte[]> subject(String oid) {
        byte[] wanted = Oids.der(oid);
        List<byte[]> values = new ArrayList<>();
        Der parts = Der.of(subject).next(Der.SEQUENCE);
        while (parts.hasNext()) {
            Der part = parts.next(Der.SET);
            while (part.hasNext()) {
                Der attribute = part.next(Der.SEQUENCE);
                boolean found =
                        Arrays.equals(attribute.next(Der.OBJECT_IDENTIFIER).content(), wanted);
                byte[] value = attribute.next().content();
                if (found) {
                    values.add(value);
                }
            }
        }
        return values;
    }
}
