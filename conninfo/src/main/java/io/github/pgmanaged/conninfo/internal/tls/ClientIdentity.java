package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client's certificate, its chain, and its key. */
final class ClientIdentity {
    private final PrivateKey key;
    private final List<X509Certificate> chain;

    private ClientIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = chain;
    }

    PrivateKey key() {
        return key;
    }

    X509Certificate[] chain() {
        return chain.toArray(new X509Certificate[0]);
    }

    /**
     * Reads certificate and key.
     *
     * @param certificateFile the certificate's file, if there is a name for it
     * @param keyFile the key's file, if there is a name for it
     * @param password the key's password, if it has one
     * @return certificate and key, or null if the certificate's file does not exist: the server may do without
     * @throws IOException if they are no pair, with libpq's words
     */
    static @Nullable ClientIdentity load(
            @Nullable String certificateFile, @Nullable String keyFile, @Nullable String password) throws IOException {
        if (certificateFile == null) {
            return null;
        }
        Path path = TlsFiles.path("could not open certificate file", certificateFile);
        if (TlsFiles.isAbsent(path)) {
            return null;
        }
        List<X509Certificate> chain = Certificates.read("could not read certificate file", certificateFile);
        if (keyFile == null) {
            // Only without a home directory.
            throw new UnusableFileException(
                    "certificate does not match private key file \"\": no private key assigned");
        }
        PrivateKey key = PrivateKeyFile.read(keyFile, password);
        PublicKey certified = chain.get(0).getPublicKey();
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            throw mismatch(keyFile, "key type mismatch");
        }
        if (!isPair(key, certified)) {
            throw mismatch(keyFile, "key values mismatch");
        }
        return new ClientIdentity(key, chain);
    }

    private static UnusableFileException mismatch(String keyFile, String reason) {
        return new UnusableFileException("certificate does not match private key file \"" + keyFile + "\": " + reason);
    }

    private static boolean isPair(PrivateKey key, PublicKey certified) {
        if (key instanceof RSAKey rsa && certified instanceof RSAKey other) {
            return rsa.getModulus().equals(other.getModulus());
        }
        try {
            String algorithm = key.getAlgorithm();
            Signature signature =
                    Signature.getInstance(algorithm.equals("EdDSA") ? algorithm : "SHA256with" + signer(algorithm));
            byte[] text = {1};
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String signer(String algorithm) {
        return algorithm.equals("EC") ? "ECDSA" : algorithm;
    }
}
