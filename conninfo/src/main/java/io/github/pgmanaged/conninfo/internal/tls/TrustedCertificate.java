package io.github.pgmanaged.conninfo.internal.tls;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A certificate of the root file, and what OpenSSL's {@code TRUSTED CERTIFICATE} blocks note about it. */
final class TrustedCertificate {
    private static final int REJECTED_USES = 0xa0;

    /** As a server, and any use. */
    private static final List<byte[]> SERVER = List.of(Oids.der(Oids.SERVER_AUTH), Oids.der(Oids.ANY_PURPOSE));

    private final X509Certificate certificate;
    private final Trust trust;

    /** Whether it vouches for servers. */
    enum Trust {
        /** It does if it is self-signed, as a root is, and its purposes allow it. */
        AS_A_ROOT,
        /** It does, whatever it is. */
        ALWAYS,
        NEVER
    }

    private TrustedCertificate(X509Certificate certificate, Trust trust) {
        this.certificate = certificate;
        this.trust = trust;
    }

    static TrustedCertificate asRoot(X509Certificate certificate) {
        return new TrustedCertificate(certificate, Trust.AS_A_ROOT);
    }

    /** Reads the certificate and the notes behind it: uses that it is trusted for, and uses that it is rejected for. */
    static TrustedCertificate withNotes(CertificateFactory factory, byte[] der) throws CertificateException {
        X509Certificate certificate = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
        Der block = Der.of(der);
        block.next(Der.SEQUENCE);
        if (!block.hasNext()) {
            return asRoot(certificate);
        }
        Der notes = block.next(Der.SEQUENCE);
        List<byte[]> trusted = notes.hasNext() && notes.nextTag() == Der.SEQUENCE ? uses(notes.next()) : null;
        List<byte[]> rejected = notes.hasNext() && notes.nextTag() == REJECTED_USES ? uses(notes.next()) : List.of();
        if (isServer(rejected)) {
            return new TrustedCertificate(certificate, Trust.NEVER);
        }
        if (trusted == null) {
            return asRoot(certificate);
        }
        return new TrustedCertificate(certificate, isServer(trusted) ? Trust.ALWAYS : Trust.NEVER);
    }

    private static List<byte[]> uses(Der list) {
        List<byte[]> uses = new ArrayList<>();
        while (list.hasNext()) {
            uses.add(list.next(Der.OBJECT_IDENTIFIER).content());
        }
        return uses;
    }

    private static boolean isServer(List<byte[]> uses) {
        return uses.stream().anyMatch(use -> SERVER.stream().anyMatch(server -> Arrays.equals(server, use)));
    }

    X509Certificate certificate() {
        return certificate;
    }

    Trust trust() {
        return trust;
    }
}
