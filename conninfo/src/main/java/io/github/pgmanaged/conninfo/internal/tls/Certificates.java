package io.github.pgmanaged.conninfo.internal.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads certificates and revocation lists, in PEM or in DER. */
final class Certificates {
    private static final Set<String> CERTIFICATES = Set.of("CERTIFICATE", "X509 CERTIFICATE");
    private static final String TRUSTED = "TRUSTED CERTIFICATE";

    private Certificates() {}

    /**
     * Reads certificates.
     *
     * @param failure what to say if it fails, without the file
     * @param name the file
     * @return its certificates, in order; at least one
     * @throws IOException if there are none, or a broken one
     */
    static List<X509Certificate> read(String failure, String name) throws IOException {
        byte[] file = TlsFiles.read(failure, name);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<Pem.Block> blocks = Pem.blocks(file);
            List<X509Certificate> certificates = new ArrayList<>();
            for (Pem.Block block : blocks) {
                if (CERTIFICATES.contains(block.label()) || block.label().equals(TRUSTED)) {
                    certificates.add(certificate(factory, block.der()));
                }
            }
            if (blocks.isEmpty() && isDer(file)) {
                certificates.add(certificate(factory, file));
            }
            if (certificates.isEmpty()) {
                throw new UnusableFileException(failure + " \"" + name + "\": no certificate in it");
            }
            return certificates;
        } catch (CertificateException | IllegalArgumentException e) {
            throw TlsFiles.failed(failure, name, e);
        }
    }

    /**
     * Reads the certificates that are trusted, in PEM alone, as libpq does.
     *
     * @param failure what to say if it fails, without the file
     * @param name the file
     * @return its certificates, in order; at least one
     * @throws IOException if there are none, or a broken one
     */
    static List<TrustedCertificate> readTrusted(String failure, String name) throws IOException {
        byte[] file = TlsFiles.read(failure, name);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<TrustedCertificate> certificates = new ArrayList<>();
            for (Pem.Block block : Pem.blocks(file)) {
                if (CERTIFICATES.contains(block.label())) {
                    certificates.add(TrustedCertificate.asRoot(certificate(factory, block.der())));
                } else if (block.label().equals(TRUSTED)) {
                    certificates.add(TrustedCertificate.withNotes(factory, block.der()));
                }
            }
            if (certificates.isEmpty()) {
                throw new UnusableFileException(failure + " \"" + name + "\": no certificate in it");
            }
            return certificates;
        } catch (CertificateException | IllegalArgumentException e) {
            throw TlsFiles.failed(failure, name, e);
        }
    }

    private static boolean isDer(byte[] file) {
        return file.length > 0 && file[0] == Der.SEQUENCE;
    }

    private static X509Certificate certificate(CertificateFactory factory, byte[] der) throws CertificateException {
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    }

    /**
     * Reads revocation lists.
     *
     * @param failure what to say if it fails, without the file
     * @param name the file
     * @param alone whether the file is nothing but lists, and then may be a DER one
     * @return its lists; none if it has none
     * @throws IOException if one is broken
     */
    static List<X509CRL> readRevocationLists(String failure, String name, boolean alone) throws IOException {
        byte[] file = TlsFiles.read(failure, name);
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<Pem.Block> blocks = Pem.blocks(file);
            List<X509CRL> lists = new ArrayList<>();
            for (Pem.Block block : blocks) {
                if (block.label().equals("X509 CRL")) {
                    lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(block.der())));
                }
            }
            if (alone && blocks.isEmpty() && isDer(file)) {
                lists.add((X509CRL) factory.generateCRL(new ByteArrayInputStream(file)));
            }
            return lists;
        } catch (CertificateException | CRLException | IllegalArgumentException e) {
            throw TlsFiles.failed(failure, name, e);
        }
    }
}
