package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The file of a client's private key: who may read it, and what is in it. */
final class PrivateKeyFile {
    private static final String FAILURE = "could not load private key file";
    private static final String CONVERT =
            "convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in OLD -out NEW";
    private static final int REGULAR = 0100000;
    private static final int TYPE = 0170000;

    private PrivateKeyFile() {}

    /**
     * Reads the key.
     *
     * @param name the file
     * @param password the password, if the key has one
     * @return the key
     * @throws IOException if the file is open to others, or has no key that can be read, with libpq's words
     */
    static PrivateKey read(String name, @Nullable String password) throws IOException {
        checkPermissions(name);
        byte[] file = TlsFiles.read(FAILURE, name);
        try {
            List<Pem.Block> blocks = Pem.blocks(file);
            if (blocks.isEmpty()) {
                return PrivateKeys.fromDer(file, password);
            }
            for (Pem.Block block : blocks) {
                if (block.label().endsWith("PRIVATE KEY")) {
                    if (block.hasHeaders()) {
                        throw new IllegalArgumentException("it is encrypted in OpenSSL's old format; " + CONVERT);
                    }
                    return PrivateKeys.fromDer(block.der(), password);
                }
            }
            throw new IllegalArgumentException("no private key in it");
        } catch (PrivateKeys.UnknownCipherException e) {
            throw new UnusableFileException(
                    FAILURE + " \"" + name + "\": its encryption is not known to Java; " + CONVERT, e);
        } catch (IllegalArgumentException e) {
            throw TlsFiles.failed(FAILURE, name, e);
        }
    }

    private static void checkPermissions(String name) throws IOException {
        Path path = TlsFiles.path(FAILURE, name);
        if (Files.notExists(path)) {
            throw new UnusableFileException("certificate present, but not private key file \"" + name + '"');
        }
        int uid = 0;
        int mode;
        try {
            if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                Map<String, Object> stat = Files.readAttributes(path, "unix:uid,mode");
                uid = (Integer) stat.getOrDefault("uid", -1);
                mode = (Integer) stat.getOrDefault("mode", 0);
            } else {
                // As libpq on Windows: the directory is presumed secure.
                mode = Files.isRegularFile(path) ? REGULAR : 0;
            }
        } catch (IOException e) {
            throw TlsFiles.failed("could not stat private key file", name, e);
        }
        if ((mode & TYPE) != REGULAR) {
            throw new UnusableFileException("private key file \"" + name + "\" is not a regular file");
        }
        if (isOpenToOthers(uid, mode)) {
            throw new UnusableFileException("private key file \"" + name
                    + "\" has group or world access; file must have permissions u=rw (0600) or less if owned by"
                    + " the current user, or permissions u=rw,g=r (0640) or less if owned by root");
        }
    }

    /** A group may read what root owns: so a system's keys are shared. */
    static boolean isOpenToOthers(int uid, int mode) {
        return (mode & (uid == 0 ? 0037 : 0077)) != 0;
    }
}
