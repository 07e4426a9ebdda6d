package io.github.pgmanaged.conninfo.internal.tls;

import java.io.IOException;
import java.net.Socket;
import java.util.Properties;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLSocket;
import org.postgresql.PGProperty;
import org.postgresql.ssl.PGjdbcHostnameVerifier;

/**
 * TLS for a cancel request, whose key lets anybody end the session's statements: by the session's own rules, the name
 * of the host included, which pgjdbc verifies for the session itself.
 */
final class EncryptedAgain {
    private EncryptedAgain() {}

    /** Makes sure that it is encrypted, and that it leads to the right server. */
    static Socket verified(Socket socket, String host, Properties properties) throws IOException {
        SSLSocket tls = (SSLSocket) socket;
        tls.setUseClientMode(true);
        tls.startHandshake();
        if ("verify-full".equals(PGProperty.SSL_MODE.getOrDefault(properties))
                && !verifier(properties).verify(host, tls.getSession())) {
            tls.close();
            throw new IOException("the server's certificate is not one for \"" + host + '"');
        }
        return tls;
    }

    private static HostnameVerifier verifier(Properties properties) throws IOException {
        String name = PGProperty.SSL_HOSTNAME_VERIFIER.getOrDefault(properties);
        if (name == null) {
            return PGjdbcHostnameVerifier.INSTANCE;
        }
        try {
            return Class.forName(name, true, EncryptedAgain.class.getClassLoader())
                    .asSubclass(HostnameVerifier.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new IOException("cannot verify the name of the host: " + e, e);
        }
    }
}
