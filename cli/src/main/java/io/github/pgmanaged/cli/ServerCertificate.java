package io.github.pgmanaged.cli;

import io.github.pgmanaged.conninfo.Candidate;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** The certificate that a server shows to whoever asks: it is only looked at, and nothing is sent to the server. */
final class ServerCertificate {
    private static final int SSL_REQUEST = 80877103;
    private static final int MILLIS = 10_000;

    private ServerCertificate() {}

    /** Whom it is for, and until when; empty if it cannot be seen. */
    static Map<String, Object> of(Candidate server) {
        Map<String, Object> seen = new LinkedHashMap<>();
        try (Socket plain = new Socket()) {
            plain.setSoTimeout(MILLIS);
            plain.connect(new InetSocketAddress(server.addresses().get(0), server.port()), MILLIS);
            DataOutputStream out = new DataOutputStream(plain.getOutputStream());
            out.writeInt(8);
            out.writeInt(SSL_REQUEST);
            if (plain.getInputStream().read() != 'S') {
                return seen;
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new LooksOnly()}, null);
            try (SSLSocket tls =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, server.host(), server.port(), true)) {
                tls.startHandshake();
                Certificate first = tls.getSession().getPeerCertificates()[0];
                if (first instanceof X509Certificate certificate) {
                    seen.put(
                            "certificate_subject",
                            certificate.getSubjectX500Principal().getName());
                    seen.put(
                            "certificate_expires",
                            certificate.getNotAfter().toInstant().toString());
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            return seen;
        }
        return seen;
    }

    private static final class LooksOnly implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
