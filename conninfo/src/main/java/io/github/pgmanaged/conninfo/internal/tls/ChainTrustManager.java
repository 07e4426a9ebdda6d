package io.github.pgmanaged.conninfo.internal.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Verifies the server's chain and, if it matters, its name; and asks the JVM's own trust manager of its own roots. */
final class ChainTrustManager extends X509ExtendedTrustManager {
    private final ServerTrust trust;
    private final @Nullable X509ExtendedTrustManager jdk;

    ChainTrustManager(ServerTrust trust, @Nullable X509ExtendedTrustManager jdk) {
        this.trust = trust;
        this.jdk = jdk;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        verify(chain, authType, system -> system.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        verify(chain, authType, system -> system.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        verify(chain, authType, system -> system.checkServerTrusted(chain, authType));
    }

    private void verify(X509Certificate[] chain, String authType, Check system) throws CertificateException {
        try {
            if (jdk != null) {
                system.check(jdk);
            }
            trust.check(chain, authType);
        } catch (CertificateException e) {
            // The handshake's exception takes this message, and pgjdbc's the handshake's.
            throw new CertificateException("certificate verify failed: " + e.getMessage(), e);
        }
        trust.checkHost(chain[0]);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw notAServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw notAServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw notAServer();
    }

    private static CertificateException notAServer() {
        return new CertificateException("this is no server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.issuers();
    }

    private interface Check {
        void check(X509ExtendedTrustManager jdk) throws CertificateException;
    }
}
