package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys of PKCS#8, plain and encrypted, PKCS#1 and SEC1. They are told apart by what they are, and not by the
 * label of a PEM block. No message quotes anything of a key.
 */
final class PrivateKeys {
    private static final String[] ALGORITHMS = {"RSA", "EC", "EdDSA", "RSASSA-PSS", "DSA"};
    private static final byte[] ZERO = {Der.INTEGER, 1, 0};
    private static final byte[] RSA = {
        Der.SEQUENCE, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
    };
    private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};
    /** Tag of the curve in a SEC1 key. */
    private static final int CURVE = 0xa0;

    private PrivateKeys() {}

    static PrivateKey fromDer(byte[] der, @Nullable String password) throws UnknownCipherException {
        Der key = Der.of(der).next(Der.SEQUENCE);
        if (key.nextTag() == Der.SEQUENCE) {
            return pkcs8(decrypt(der, password));
        }
        key.next(Der.INTEGER);
        return switch (key.nextTag()) {
            case Der.SEQUENCE -> pkcs8(new PKCS8EncodedKeySpec(der));
            case Der.INTEGER -> pkcs8(wrap(RSA, der));
            case Der.OCTET_STRING -> {
                key.next();
                yield pkcs8(wrap(Der.encode(Der.SEQUENCE, EC, curve(key)), der));
            }
            default -> throw new IllegalArgumentException("no private key in it");
        };
    }

    private static byte[] curve(Der key) {
        if (!key.hasNext() || key.nextTag() != CURVE) {
            throw new IllegalArgumentException("its key names no elliptic curve");
        }
        return key.next().content();
    }

    private static PKCS8EncodedKeySpec wrap(byte[] algorithm, byte[] key) {
        return new PKCS8EncodedKeySpec(Der.encode(Der.SEQUENCE, ZERO, algorithm, Der.encode(Der.OCTET_STRING, key)));
    }

    private static PrivateKey pkcs8(PKCS8EncodedKeySpec key) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(key);
            } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
                // Another algorithm's key, perhaps.
            }
        }
        throw new IllegalArgumentException("its key is broken, or of a kind that Java does not know");
    }

    private static PKCS8EncodedKeySpec decrypt(byte[] der, @Nullable String password) throws UnknownCipherException {
        if (password == null || password.isEmpty()) {
            throw new IllegalArgumentException("the key is encrypted, and sslpassword is not set");
        }
        EncryptedPrivateKeyInfo encrypted;
        SecretKeyFactory factory;
        Cipher cipher;
        try {
            encrypted = new EncryptedPrivateKeyInfo(der);
            // PBES2 is the name of a family: its parameters know the very algorithm.
            String member = String.valueOf(encrypted.getAlgParameters());
            String algorithm = member.startsWith("PBEWith") ? member : encrypted.getAlgName();
            factory = SecretKeyFactory.getInstance(algorithm);
            cipher = Cipher.getInstance(algorithm);
        } catch (IOException | GeneralSecurityException e) {
            throw new UnknownCipherException(e);
        }
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray());
        SecretKey secret;
        try {
            secret = factory.generateSecret(spec);
        } catch (InvalidKeySpecException e) {
            throw new IllegalArgumentException(
                    "sslpassword has characters that are not ASCII, which this Java cannot use");
        } finally {
            spec.clearPassword();
        }
        try {
            cipher.init(Cipher.DECRYPT_MODE, secret, encrypted.getAlgParameters());
            return encrypted.getKeySpec(cipher);
        } catch (GeneralSecurityException e) {
            // A wrong password is seen only by what comes out.
            throw new IllegalArgumentException("bad decrypt; is sslpassword right?");
        }
    }

    /** An encryption that the JVM does not know. */
    static final class UnknownCipherException extends Exception {
        private static final long serialVersionUID = 1L;

        private UnknownCipherException(Exception cause) {
            super(cause);
        }
    }
}
