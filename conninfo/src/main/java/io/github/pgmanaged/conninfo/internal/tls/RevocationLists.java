package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The revocation lists of {@code sslcrl} and {@code sslcrldir}. Nothing but these is asked: the JDK's own checker
 * follows the distribution points in the certificates, over the network.
 */
final class RevocationLists {
    private static final String FILE_FAILURE = "could not read certificate revocation list file";
    private static final String DIRECTORY_FAILURE = "could not read certificate revocation list directory";
    private static final int CRL_SIGN = 6;
    /** A list of changes only, and a list of some certificates only: neither says that a certificate is good. */
    private static final Set<String> PARTIAL = Set.of("2.5.29.27", "2.5.29.28");

    private final List<X509CRL> lists;

    private RevocationLists(List<X509CRL> lists) {
        this.lists = lists;
    }

    /**
     * Reads the lists.
     *
     * @param file the file, if named
     * @param directory the directory, if named
     * @return the lists, or null if neither is named
     * @throws IOException if one is named and gives no list
     */
    static @Nullable RevocationLists load(@Nullable String file, @Nullable String directory) throws IOException {
        if (file == null && directory == null) {
            return null;
        }
        List<X509CRL> lists = new ArrayList<>();
        if (file != null) {
            lists.addAll(Certificates.readRevocationLists(FILE_FAILURE, file, true));
            if (lists.isEmpty()) {
                throw new UnusableFileException(
                        FILE_FAILURE + " \"" + file + "\": no certificate revocation list in it");
            }
        }
        if (directory != null) {
            List<X509CRL> found = directory(directory);
            if (found.isEmpty()) {
                throw new UnusableFileException(
                        DIRECTORY_FAILURE + " \"" + directory + "\": no certificate revocation list in it");
            }
            lists.addAll(found);
        }
        return new RevocationLists(lists);
    }

    /**
     * Reads the lists of the file that counts although nobody named it.
     *
     * @return the lists; null if the file cannot be used: libpq goes on without it
     */
    static @Nullable RevocationLists loadUsual(String file) {
        try {
            List<X509CRL> lists = Certificates.readRevocationLists(FILE_FAILURE, file, false);
            if (lists.isEmpty()) {
                // With a certificate it is a file that can be used, and has no list for anybody.
                Certificates.read(FILE_FAILURE, file);
            }
            return new RevocationLists(lists);
        } catch (IOException e) {
            return null;
        }
    }

    private static List<X509CRL> directory(String name) throws IOException {
        Path directory = TlsFiles.path(DIRECTORY_FAILURE, name);
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, Files::isRegularFile)) {
            entries.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            throw TlsFiles.failed(DIRECTORY_FAILURE, name, e);
        }
        List<X509CRL> lists = new ArrayList<>();
        for (Path file : files) {
            lists.addAll(Certificates.readRevocationLists(FILE_FAILURE, file.toString(), false));
        }
        return lists;
    }

    /**
     * Checks every certificate of a chain.
     *
     * @param chain the chain, the server's certificate first, the trusted one last
     * @throws CertificateException if one is revoked, or no list says that it is not
     */
    void check(List<X509Certificate> chain) throws CertificateException {
        Instant now = Instant.now();
        for (int i = 0; i < chain.size(); i++) {
            // The trusted one is its own issuer.
            check(chain.get(i), chain.get(Math.min(i + 1, chain.size() - 1)), now);
        }
    }

    private void check(X509Certificate certificate, X509Certificate issuer, Instant now) throws CertificateException {
        boolean covered = false;
        boolean stale = false;
        for (X509CRL list : lists) {
            if (!list.getIssuerX500Principal().equals(certificate.getIssuerX500Principal())
                    || !isSigned(list, issuer)) {
                continue;
            }
            if (list.isRevoked(certificate)) {
                throw new CertificateException("certificate revoked: " + certificate.getSubjectX500Principal());
            }
            boolean current = isCurrent(list, now);
            stale |= !current;
            covered |= current && isComplete(list);
        }
        if (!covered) {
            throw new CertificateException((stale ? "CRL is not valid now: " : "unable to get certificate CRL: ")
                    + certificate.getSubjectX500Principal());
        }
    }

    private static boolean isCurrent(X509CRL list, Instant now) {
        return !list.getThisUpdate().toInstant().isAfter(now)
                && (list.getNextUpdate() == null
                        || list.getNextUpdate().toInstant().isAfter(now));
    }

    private static boolean isComplete(X509CRL list) {
        Set<String> critical = list.getCriticalExtensionOIDs();
        return !list.hasUnsupportedCriticalExtension() && (critical == null || Collections.disjoint(critical, PARTIAL));
    }

    private static boolean isSigned(X509CRL list, X509Certificate issuer) {
        boolean[] usage = issuer.getKeyUsage();
        if (usage != null && !usage[CRL_SIGN]) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
