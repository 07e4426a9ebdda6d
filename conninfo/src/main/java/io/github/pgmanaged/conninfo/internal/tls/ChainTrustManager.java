package io.github.pgmanaged.conninfo.internal.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Verifies the server's chain. The host's name is not its business, as it is not before libpq's handshake is over. */
final class ChainTrustManager extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager jdk;
    private final ServerTrust trust;

    ChainTrustManager(X509ExtendedTrustManager jdk, ServerTrust trust) {
        this.jdk = jdk;
        this.trust = trust;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        verify(chain, () -> jdk.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        verify(chain, () -> jdk.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        verify(chain, () -> jdk.checkServerTrusted(chain, authType));
    }

    private void verify(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            check.run();
            trust.checkRevocation(chain);
        } catch (CertificateException e) {
            // The handshake's exception takes this message, and pgjdbc's the handshake's.
            throw new CertificateException("certificate verify failed: " + reason(e), e);
        }
    }

    private static String reason(CertificateException e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        return root instanceof CertificateExpiredException
                ? "certificate has expired: " + message
                : root instanceof CertificateNotYetValidException
                        ? "certificate is not yet valid: " + message
                        : message;
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
        return jdk.getAcceptedIssuers();
    }

    private interface Check {
        void run() throws CertificateException;
    }
}
